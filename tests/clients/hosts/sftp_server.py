"""sftp_server.py FOLDER LOG: an SFTP server for anybody on a port of
127.0.0.1, which it prints. LOG has a line per file that is opened, "write" or
"append" (or "read") and its name.
"""

import asyncio
import logging
import sys
import warnings

warnings.simplefilter("ignore")  # of old ciphers, as it is imported
import asyncssh  # noqa: E402

FOLDER, LOG = sys.argv[1:]


class Anybody(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False


class Files(asyncssh.SFTPServer):
    def __init__(self, channel):
        super().__init__(channel, chroot=FOLDER)

    def open(self, path, pflags, attrs):
        kind = "read"
        if pflags & asyncssh.FXF_APPEND:
            kind = "append"
        elif pflags & asyncssh.FXF_WRITE:
            kind = "write"
        with open(LOG, "a") as log:
            log.write(f"{kind} {path.decode()}\n")
        return super().open(path, pflags, attrs)


async def main():
    logging.disable()
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Anybody, sftp_factory=Files,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")])
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.wait_closed()


asyncio.run(main())
