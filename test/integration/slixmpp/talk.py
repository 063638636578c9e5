"""slixmpp, as Debian has it: logs in, asks for a conference, joins, talks, and configures the room.

Usage: talk.py PORT ROOM. Prints one JSON object when all went well.
"""
import asyncio
import json
import sys
import xml.etree.ElementTree as ET

import slixmpp

FOCUS = "http://jitsi.org/protocol/focus"


class Client(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__("meet.jitsi", "")
        for plugin in ("xep_0004", "xep_0030", "xep_0045", "xep_0199"):
            self.register_plugin(plugin)
        self["feature_mechanisms"].use_mech = "ANONYMOUS"
        self.started = asyncio.Event()
        self.add_event_handler("session_start", lambda _: self.started.set())


async def talk(port, room):
    client = Client()
    client.connect(("127.0.0.1", port), disable_starttls=True, force_starttls=False)
    await asyncio.wait_for(client.started.wait(), 20)
    request = client.make_iq_set(ito="focus.meet.jitsi")
    request.append(ET.Element("{%s}conference" % FOCUS, {"room": room, "machine-uid": "x"}))
    reply = await request.send()
    ready = reply.xml.find("{%s}conference" % FOCUS).get("ready")

    muc = client["xep_0045"]
    nick = client.boundjid.user[:8]
    heard = asyncio.Queue()
    owner = asyncio.Event()
    client.add_event_handler("groupchat_message", heard.put_nowait)
    client.add_event_handler(
        "muc::%s::presence" % room,
        lambda p: p["muc"]["affiliation"] == "owner" and p["from"].resource == nick and owner.set(),
    )
    client.add_event_handler("muc::%s::got_online" % room, lambda p: None)
    await muc.join_muc_wait(room, nick, timeout=20)
    client.send_message(mto=room, mbody="from slixmpp", mtype="groupchat")
    while True:
        message = await asyncio.wait_for(heard.get(), 20)
        if message["body"] == "from slixmpp":
            break
    if muc.get_jid_property(room, nick, "affiliation") != "owner":
        await asyncio.wait_for(owner.wait(), 20)
    form = await muc.get_room_config(room)
    fields = list(form.get_fields())
    answer = client["xep_0004"].make_form(ftype="submit")
    answer.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/muc#roomconfig")
    answer.add_field(var="muc#roomconfig_roomsecret", value="from python")
    await muc.set_room_config(room, answer)
    info = await client["xep_0030"].get_info(jid=room)
    print(
        json.dumps(
            {
                "ready": ready,
                "jid": client.boundjid.full,
                "roster": sorted(muc.get_roster(room)),
                "from": message["from"].full,
                "fields": fields,
                "isLocked": "muc_passwordprotected" in info["disco_info"]["features"],
            }
        ),
        flush=True,
    )
    await client.disconnect()


async def main():
    await talk(int(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main())
