# seccraft as an image, for machines that have nothing but Docker; docs/containers.md says how it is used.
#   npm ci && npm run build && docker build -t seccraft .
# Any image with Node 20 or newer, npm and glibc will do as the base.
ARG BASE=node:20-bookworm-slim

FROM ${BASE} AS dependencies
WORKDIR /opt/seccraft
COPY package.json package-lock.json .npmrc ./
# No script runs: what is native comes prebuilt.
RUN npm ci --omit=dev --ignore-scripts --prefer-offline

FROM ${BASE} AS files
WORKDIR /opt/seccraft
COPY --from=dependencies /opt/seccraft/node_modules node_modules
COPY package.json LICENSE ./
COPY schema schema
COPY assets assets
COPY bin bin
COPY dist dist
ENV NODE_ENV=production
WORKDIR /data
ENTRYPOINT ["node", "/opt/seccraft/bin/seccraft.js"]
CMD ["--help"]

# For profiles, logs and binaries: `docker build --target workbench`. Nothing there needs root.
FROM files AS workbench
USER 65534:65534

# Recording by eBPF needs root.
FROM files AS seccraft
