import process from "node:process";

/** Two ends of a virtual cable: ours and the container's. */
export interface Network {
  /** Name of our end. */
  readonly link: string;
  readonly host: string;
  readonly address: string;
}

let networks = 0;

/**
 * A network of two addresses out of 100.64.0.0/10 (RFC 6598), which is nobody's own. Two processes at the same time
 * get different ones with all likelihood.
 */
export function nextNetwork(): Network {
  const number = (process.pid * 61 + networks++) % (1 << 20);
  const base = number * 4;
  const address = (last: number): string =>
    `100.${64 + ((base >> 16) & 63)}.${(base >> 8) & 255}.${(base & 255) + last}`;
  return { link: `sc${number.toString(36)}`, host: address(1), address: address(2) };
}

/**
 * Runs in new mount and network namespaces, which end with the container, and with them all that is mounted and the
 * cable. Arguments: bundle, image's root, runc's states, name, our pid, our end's name, its address, the container's.
 */
export const START_SCRIPT = `set -e
bundle=$1 lower=$2 states=$3 name=$4 caller=$5 link=$6 host=$7 address=$8
scratch=$bundle/scratch
mount -t tmpfs -o mode=755 seccraft "$scratch"
mkdir "$scratch/lower" "$scratch/upper" "$scratch/work" "$scratch/root"
mount --bind "$lower" "$scratch/lower"
mount -t overlay -o "lowerdir=$scratch/lower,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$scratch/root"
if [ -n "$link" ]; then
  ip link set lo up
  ip link add eth0 type veth peer name "$link" netns "$caller"
  ip address add "$address/30" dev eth0
  ip link set eth0 up
  nsenter --net="/proc/$caller/ns/net" sh -c "ip address add $host/30 dev $link; ip link set $link up"
  ip route add default via "$host"
  echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
fi
exec runc --root "$states" run --bundle "$bundle" --pid-file "$bundle/pid" "$name"
`;
