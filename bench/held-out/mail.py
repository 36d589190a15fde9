# For tour.py: takes one message by SMTP, then one visit by POP3, on the port given. python3 mail.py PORT
import socket, sys

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    print("ready", flush=True)
    for greeting, good, data in (b"220 ready", b"250 well", b"354 go on"), (b"+OK ready", b"+OK", b""):
        connection, _ = server.accept()
        with connection, connection.makefile("rwb") as f:
            def say(line):
                f.write(line + b"\r\n")
                f.flush()

            say(greeting)
            for line in f:
                if line.upper().startswith(b"DATA"):
                    say(data)
                    while f.readline() != b".\r\n":
                        pass
                say(good)
                if line.upper().startswith(b"QUIT"):
                    break
