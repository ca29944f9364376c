"""The frames of resume.v1."""

import json, re

NUMBER = "(0|[1-9a-z][0-9a-z]{0,10})"
DATA, CONTROL = re.compile(f"d{NUMBER}:"), re.compile(f"([apb]){NUMBER}")


class Invalid(Exception):
    """The peer broke the protocol: 4400."""


def base36(number):
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


def varint(number):
    head = bytearray()
    while number > 127:
        head.append(number & 127 | 128)
        number >>= 7
    return bytes([*head, number])


def read(frame):
    """The type of a frame of an attached client, its number, and its payload."""
    if isinstance(frame, bytes):
        size = next((at for at in range(1, min(len(frame), 9)) if frame[at] < 128), 0)
        if frame[:1] != b"d" or not size or size > 1 and frame[size] == 0:
            raise Invalid
        number = sum((byte & 127) << 7 * at for at, byte in enumerate(frame[1 : size + 1]))
        kind, payload = "d", frame[size + 1 :]
    elif found := DATA.match(frame):
        kind, number, payload = "d", int(found[1], 36), frame[found.end() :]
    elif found := CONTROL.fullmatch(frame):
        kind, number, payload = found[1], int(found[2], 36), None
    else:
        raise Invalid
    if not count(number, 1 if kind == "d" else 0):
        raise Invalid
    return kind, number, payload


def count(value, least=0):
    return type(value) is int and least <= value < 1 << 53


def short(value):
    return isinstance(value, str) and 0 < len(value) <= 256


def read_hello(frame):
    try:
        if not isinstance(frame, str) or frame[:1] != "h" or len(frame.encode()) > 4096:
            raise Invalid
        hello = json.loads(frame[1:])
        x, topics = hello.get("x", []), hello.get("topics", {})
        valid = count(hello["v"]) and hello["v"] == 1 and re.fullmatch(r"[\w-]{22}", hello["sid"], re.ASCII)
        valid = valid and count(hello["gen"], 1) and count(hello["rx"]) and short(hello.get("ep", "-"))
        valid = valid and isinstance(x, list) and all(map(short, x)) and isinstance(topics, dict)
        if valid and all(short(name) and short(at[0]) and count(at[1]) and len(at) == 2 for name, at in topics.items()):
            return hello
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    raise Invalid
