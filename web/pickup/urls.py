"""Every path of the pick-up process."""

from __future__ import annotations

from django.core.signals import got_request_exception
from django.urls import path

from web.pickup import answering, leaving, reading, remembering, signing, views
from web.pickup.failing import log_fault

urlpatterns = [
    path("", views.home, name="home"),
    path("upload.js", views.a_script, {"name": "upload"}, name="upload-script"),
    path("sign.js", views.a_script, {"name": "sign"}, name="sign-script"),
    path("device.js", views.a_script, {"name": "device"}, name="device-script"),
    path("p/<slug:link>", views.start, name="start"),
    path("p/<slug:link>/send", views.send, name="send"),
    path("p/<slug:link>/code", views.code, name="code"),
    path("p/<slug:link>/leave", views.leave, name="leave"),
    path("p/<slug:link>/answer", answering.answer, name="answer"),
    path("p/<slug:link>/upload/<slug:ident>", answering.upload, name="upload"),
    path("p/<slug:link>/remember/begin", remembering.begin, name="remember-begin"),
    path("p/<slug:link>/remember/complete", remembering.complete, name="remember-complete"),
    path("p/<slug:link>/device/ask", remembering.ask, name="device-ask"),
    path("p/<slug:link>/device/prove", remembering.prove, name="device-prove"),
    path("p/<slug:link>/message", reading.message, name="message"),
    path("p/<slug:link>/leaving", leaving.leaving, name="leaving"),
    path("p/<slug:link>/leaving/copy", leaving.copy, name="leaving-copy"),
    path("p/<slug:link>/document/<int:number>", reading.document, name="document"),
    path("p/<slug:link>/document/<int:number>/page/<int:which>", reading.picture, name="picture"),
    path("p/<slug:link>/document/<int:number>/sign", signing.sign, name="sign"),
    path("p/<slug:link>/document/<int:number>/signed", signing.copy, name="signed-copy"),
    path("p/<slug:link>/document/<int:number>/file", reading.file, name="file"),
]
handler400 = "web.pickup.failing.bad_request"
handler404 = "web.pickup.failing.not_found"
handler500 = "web.pickup.failing.broken"
got_request_exception.connect(log_fault)
