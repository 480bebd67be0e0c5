# A real mail server (aiosmtpd of Debian) that keeps what it gets. The system's python3.
#   mail-sink.py OPTIONS-JSON
# Options: user, password (then it wants a login), starttls or tls ({cert, key}), size (largest message), smtputf8 (default true), refuse (a
# recipient), silent (greets and then says nothing), forget_starttls (offers none).
# Prints one JSON object a line: {"port": N} first, then {"from", "to", "data", "options", "tls", "login"} for each mail.
import asyncio
import base64
import ctypes
import json
import signal
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # ends with the test


def say(value):
    print(json.dumps(value), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address == options.get("refuse"):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        login = session.auth_data.login.decode() if getattr(session, "auth_data", None) else None
        say({"from": envelope.mail_from, "to": envelope.rcpt_tos, "options": envelope.mail_options, "tls": session.ssl is not None or bool(options.get("tls")),
             "login": login, "data": base64.b64encode(envelope.original_content).decode()})
        return "250 2.0.0 Ok: queued as SINK-1"


def authenticator(server, session, envelope, mechanism, auth_data):
    good = isinstance(auth_data, LoginPassword) and auth_data.login.decode() == options["user"] and auth_data.password.decode() == options["password"]
    return AuthResult(success=good, handled=False, auth_data=auth_data if good else None)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(options["cert"], options["key"])
    return made


def main():
    if options.get("silent"):
        async def greet(reader, writer):
            writer.write(b"220 hello\r\n")
            await asyncio.sleep(600)
        async def serve():
            server = await asyncio.start_server(greet, "127.0.0.1", 0)
            say({"port": server.sockets[0].getsockname()[1]})
            await asyncio.sleep(600)
        asyncio.run(serve())
        return
    arguments = {"data_size_limit": options.get("size", 33554432), "enable_SMTPUTF8": options.get("smtputf8", True)}
    if options.get("starttls"):
        arguments.update(tls_context=context(), require_starttls=True)
    if options.get("user"):
        arguments.update(authenticator=authenticator, auth_required=True, auth_require_tls=bool(options.get("starttls")))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(Handler(), loop=loop, **arguments), "127.0.0.1", 0,
                                                        ssl=context() if options.get("tls") else None))
    say({"port": server.sockets[0].getsockname()[1]})
    loop.run_forever()


main()
