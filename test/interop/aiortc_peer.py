"""
A receiver on aiortc. Reads an offer (one JSON string in one line) from standard input, writes the answer the same way,
then once in a while one line of JSON: what was decoded of each line of the offer, by mid.
"""
import asyncio
import json
import sys
from array import array

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

COLUMNS, ROWS = 8, 4  # as testkit/src/page/block-code.ts


def brightness(frame):
    """Mean luma around the middle of each cell of the signature."""
    frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    pixels = memoryview(plane)
    cells = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            y = (2 * row + 1) * frame.height // (2 * ROWS)
            x = (2 * column + 1) * frame.width // (2 * COLUMNS)
            spot = [pixels[(y + dy) * plane.line_size + x + dx] for dy in (-2, 0, 2) for dx in (-2, 0, 2)]
            cells.append(sum(spot) / len(spot))
    return cells


async def consume(track, seen):
    try:
        while True:
            frame = await track.recv()
            seen["frames"] += 1
            if track.kind == "video":
                seen.update(width=frame.width, height=frame.height, cells=brightness(frame))
            else:
                samples = array("h", bytes(frame.planes[0]))
                seen["peak"] = max(seen.get("peak", 0), max(map(abs, samples[:1920:7])))
    except MediaStreamError:
        pass  # the track has ended


def say(value):
    print(json.dumps(value), flush=True)


async def main():
    connection = RTCPeerConnection()
    seen = {}
    tasks = set()

    @connection.on("track")
    def on_track(track):
        transceiver = next(t for t in connection.getTransceivers() if t.receiver.track is track)
        seen[transceiver.mid] = {"kind": track.kind, "frames": 0}
        tasks.add(asyncio.ensure_future(consume(track, seen[transceiver.mid])))

    offer = json.loads(sys.stdin.readline())
    await connection.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    say(connection.localDescription.sdp)
    while True:
        await asyncio.sleep(0.5)
        say({"state": connection.connectionState, "lines": seen})


asyncio.run(main())
