"""The rooms of Unio on Django Channels with its in-memory layer, as one would write them: for `make bench`.

    PYTHONPATH=. DATABASE=… SECRET_FILE=… daphne … rooms:application

Checks the token and who may enter, tells the room of who comes and goes, passes candidates and offers on. It has no
limits, no resume and no events.
"""
import os
import secrets

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="of no use here",
    INSTALLED_APPS=["channels"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}},
    CHANNEL_LAYERS={"default": {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        # the layer silently drops what is more than that
        "CONFIG": {"capacity": 100_000},
    }},
    USE_TZ=True,
)
django.setup()

import jwt  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import re_path  # noqa: E402

with open(os.environ["SECRET_FILE"], "rb") as secret_file:
    SECRET = secret_file.read()

ACCESS = """SELECT a.id, a.email, a.full_name, m.title, b.role FROM account a
    JOIN login l ON l.id = %s AND l.user_id = a.id AND l.revoked_at IS NULL
    JOIN meeting m ON m.id = %s JOIN member b ON b.meeting_id = m.id AND b.user_id = a.id
    WHERE a.id = %s AND a.disabled_at IS NULL"""

# What goes on under which name, and in which field.
RELAYED = {"ice-candidate": ("ice_candidate", "candidate"), "offer": ("webrtc_offer", "offer")}

# Meeting id -> {channel name: who}.
rooms = {}


@database_sync_to_async
def find_access(claims, meeting_id):
    with connection.cursor() as cursor:
        cursor.execute(ACCESS, [claims["sid"], meeting_id, claims["user_id"]])
        return cursor.fetchone()


class Room(AsyncJsonWebsocketConsumer):
    who = None

    async def connect(self):
        self.meeting_id = int(self.scope["url_route"]["kwargs"]["meeting_id"])
        bearer = dict(self.scope["headers"]).get(b"authorization", b"").decode()
        try:
            claims = jwt.decode(bearer.removeprefix("Bearer "), SECRET, algorithms=["HS256"], issuer="unio")
        except jwt.InvalidTokenError:
            return await self.close(code=4401)
        row = await find_access(claims, self.meeting_id)
        if row is None:
            return await self.close(code=4403)
        user_id, email, full_name, title, role = row
        await self.accept("unio.v1" if "unio.v1" in self.scope["subprotocols"] else None)
        session_id = secrets.token_urlsafe(16)
        self.group = f"meeting_{self.meeting_id}"
        self.who = {"user_id": user_id, "email": email, "full_name": full_name, "session_id": session_id}
        room = rooms.setdefault(self.meeting_id, {})
        peers = list(room.values())
        room[self.channel_name] = self.who
        await self.channel_layer.group_add(self.group, self.channel_name)
        # through the layer, so that it comes after one's own user_joined
        await self.tell({"type": "user_joined", **self.who, "message": f"{full_name} joined the meeting"})
        await self.channel_layer.send(self.channel_name, {"type": "deliver", "but": None, "content": {
            "type": "welcome", "session_id": session_id, "self": {"user_id": user_id, "role": role},
            "meeting": {"id": self.meeting_id, "title": title}, "peers": peers}})

    async def disconnect(self, code):
        if self.who is None:
            return
        room = rooms[self.meeting_id]
        del room[self.channel_name]
        if not room:
            del rooms[self.meeting_id]
        await self.channel_layer.group_discard(self.group, self.channel_name)
        await self.tell({"type": "user_left", **self.who, "message": f"{self.who['full_name']} left the meeting"})

    async def receive_json(self, content, **kwargs):
        relayed, field = RELAYED.get(content.get("type"), (None, None))
        if relayed is None or not isinstance(content.get(field), dict):
            return await self.send_json({"type": "error", "code": "unknown_type"})
        message = {"type": relayed, field: content[field], "from_user": self.who["user_id"],
                   "from_session": self.who["session_id"]}
        if relayed == "webrtc_offer":
            message["from_email"] = self.who["email"]
        await self.tell(message, but=self.channel_name)

    async def tell(self, content, but=None):
        await self.channel_layer.group_send(self.group, {"type": "deliver", "content": content, "but": but})

    async def deliver(self, event):
        if event["but"] != self.channel_name:
            await self.send_json(event["content"])


application = ProtocolTypeRouter({
    "websocket": URLRouter([re_path(r"^ws/meeting/(?P<meeting_id>\d+)/?$", Room.as_asgi())]),
})
