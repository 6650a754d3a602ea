"""Takes the webhooks of Unio: checks who sent them, forgets what it has had already, and says what happens.

	WEBHOOK_SECRET=whsec_... python3 receiver.py [PORT]

The secret is what `unioctl webhook add http://127.0.0.1:PORT/` prints.
"""
import base64, hashlib, hmac, http.server, json, os, sys, time

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # a database's table, in a program that is started again


def is_signed(headers, body):
    """Some signature is ours, of this very body, and younger than five minutes."""
    sent = headers.get("webhook-timestamp", "")
    text = f"{headers.get('webhook-id')}.{sent}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(KEY, text, hashlib.sha256).digest()).decode()
    fresh = sent.isdecimal() and abs(time.time() - int(sent)) < 300
    return fresh and any(hmac.compare_digest(one, right) for one in headers.get("webhook-signature", "").split(" "))


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        good = is_signed(self.headers, body)
        if good and self.headers["webhook-id"] not in seen:
            message = json.loads(body)
            print(f"meeting {message['meeting_id']}: {message['type']}", flush=True)
            seen.add(self.headers["webhook-id"])
        self.send_response(204 if good else 401)  # soon: what takes long is done afterwards
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Receiver)
print(f"listening on port {server.server_port}", flush=True)
server.serve_forever()
