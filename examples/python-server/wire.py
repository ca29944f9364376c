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


def safe(number, least):
    if not least <= number < 1 << 53:
        raise Invalid
    return number


def read(frame):
    """The type of a frame of an attached client, its number, and its payload."""
    if isinstance(frame, bytes):
        size = next((at for at in range(1, min(len(frame), 9)) if frame[at] < 128), 0)
        if frame[:1] != b"d" or not size or size > 1 and frame[size] == 0:
            raise Invalid
        number = sum((byte & 127) << 7 * at for at, byte in enumerate(frame[1 : size + 1]))
        return "d", safe(number, 1), frame[size + 1 :]
    if found := DATA.match(frame):
        return "d", safe(int(found[1], 36), 1), frame[found.end() :]
    if not (found := CONTROL.fullmatch(frame)):
        raise Invalid
    return found[1], safe(int(found[2], 36), 0), None


def read_hello(frame):
    try:
        if not isinstance(frame, str) or frame[:1] != "h" or len(frame.encode()) > 4096:
            raise Invalid
        hello = json.loads(frame[1:])
        count = lambda name, least: type(hello[name]) is int and safe(hello[name], least) >= least
        short = lambda text: isinstance(text, str) and 0 < len(text) <= 256
        valid = type(hello["v"]) is int and hello["v"] == 1 and re.fullmatch(r"[\w-]{22}", hello["sid"], re.ASCII)
        valid = valid and count("gen", 1) and count("rx", 0) and short(hello.get("ep", "-"))
        valid = valid and all(map(short, hello.get("x", []))) and isinstance(hello.get("x", []), list)
        if valid and isinstance(hello.get("topics", {}), dict):
            return hello
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise Invalid
