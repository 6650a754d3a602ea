"""Unio's meeting and call requests on Django REST framework, as one would write them: for `make bench`.

    PYTHONPATH=. DATABASE=… SECRET_FILE=… gunicorn … meetings:application

Checks the token and its login session, shows a meeting to its members, starts and ends calls. It writes no events.
"""
import os

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="of no use here",
    ROOT_URLCONF="meetings",
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DATABASE"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": 20},
    }},
    REST_FRAMEWORK={
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    },
    USE_TZ=True,
)
django.setup()

import time  # noqa: E402

import jwt  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models, transaction  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import authentication, exceptions, permissions, serializers, views  # noqa: E402
from rest_framework.response import Response  # noqa: E402

with open(os.environ["SECRET_FILE"], "rb") as secret_file:
    SECRET = secret_file.read()


class Account(models.Model):
    email = models.TextField()
    full_name = models.TextField()
    disabled_at = models.BigIntegerField(null=True)
    is_authenticated = True

    class Meta:
        managed, db_table, app_label = False, "account", "meetings"


class Login(models.Model):
    user = models.ForeignKey(Account, models.CASCADE)
    revoked_at = models.BigIntegerField(null=True)

    class Meta:
        managed, db_table, app_label = False, "login", "meetings"


class Meeting(models.Model):
    title = models.TextField()
    description = models.TextField()
    host = models.ForeignKey(Account, models.PROTECT, related_name="+")
    status = models.TextField()
    ice_policy = models.TextField()
    scheduled_at = models.BigIntegerField(null=True)
    created_at = models.BigIntegerField()
    updated_at = models.BigIntegerField()

    class Meta:
        managed, db_table, app_label = False, "meeting", "meetings"


class Member(models.Model):
    # the table's key is both columns; Django wants one
    meeting = models.ForeignKey(Meeting, models.CASCADE, primary_key=True)
    user = models.ForeignKey(Account, models.CASCADE)
    role = models.TextField()

    class Meta:
        managed, db_table, app_label = False, "member", "meetings"


class Call(models.Model):
    meeting = models.ForeignKey(Meeting, models.CASCADE)
    caller = models.ForeignKey(Account, models.PROTECT)
    status = models.TextField(default="active")
    started_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(null=True)
    ended_reason = models.TextField(null=True)

    class Meta:
        managed, db_table, app_label = False, "call", "meetings"


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Account
        fields = ["id", "email", "full_name"]


class CallSerializer(serializers.ModelSerializer):
    caller = PersonSerializer()

    class Meta:
        model = Call
        fields = ["id", "meeting", "caller", "status", "started_at", "ended_at", "ended_reason"]


class MeetingSerializer(serializers.ModelSerializer):
    host = PersonSerializer()
    participants = serializers.SerializerMethodField()
    active_call = serializers.SerializerMethodField()

    def get_participants(self, meeting):
        members = Member.objects.filter(meeting=meeting, role="participant").select_related("user")
        return PersonSerializer([member.user for member in members], many=True).data

    def get_active_call(self, meeting):
        call = Call.objects.filter(meeting=meeting, status="active").select_related("caller").first()
        return call and CallSerializer(call).data

    class Meta:
        model = Meeting
        fields = ["id", "title", "description", "host", "participants", "status", "ice_policy", "scheduled_at",
                  "created_at", "updated_at", "active_call"]


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request):
        bearer = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(bearer, SECRET, algorithms=["HS256"], issuer="unio")
        except jwt.InvalidTokenError as error:
            raise exceptions.AuthenticationFailed() from error
        login = Login.objects.select_related("user").filter(
            pk=claims["sid"], user_id=claims["user_id"], revoked_at=None, user__disabled_at=None).first()
        if login is None:
            raise exceptions.AuthenticationFailed()
        return login.user, claims


class View(views.APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [permissions.IsAuthenticated]


def now():
    return time.time_ns() // 1000


def check_member(meeting_id, user):
    if not Member.objects.filter(meeting_id=meeting_id, user=user).exists():
        raise exceptions.PermissionDenied()


class MeetingView(View):
    def get(self, request, meeting_id):
        meeting = get_object_or_404(Meeting.objects.select_related("host"), pk=meeting_id)
        check_member(meeting_id, request.user)
        return Response(MeetingSerializer(meeting).data)


class StartView(View):
    def post(self, request):
        meeting_id = serializers.IntegerField(min_value=1).run_validation(request.data.get("meeting_id"))
        with transaction.atomic():
            # the write comes first, so that the transaction has its lock from the beginning
            if not Meeting.objects.filter(pk=meeting_id).update(status="ongoing", updated_at=now()):
                raise exceptions.NotFound()
            check_member(meeting_id, request.user)
            call, created = Call.objects.get_or_create(
                meeting_id=meeting_id, status="active", defaults={"caller": request.user, "started_at": now()})
        return Response(CallSerializer(call).data, status=201 if created else 200)


class EndView(View):
    def post(self, request):
        call_id = serializers.IntegerField(min_value=1).run_validation(request.data.get("call_id"))
        with transaction.atomic():
            Call.objects.filter(pk=call_id, status="active").update(status="ended", ended_reason="ended", ended_at=now())
            call = get_object_or_404(Call.objects.select_related("caller"), pk=call_id)
            check_member(call.meeting_id, request.user)
            Meeting.objects.filter(pk=call.meeting_id).update(status="completed", updated_at=now())
        return Response(CallSerializer(call).data)


urlpatterns = [
    path("api/meetings/<int:meeting_id>", MeetingView.as_view()),
    path("api/health/call/start", StartView.as_view()),
    path("api/health/call/end", EndView.as_view()),
]
application = get_wsgi_application()
