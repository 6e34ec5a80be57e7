"""`surveyapp device list|show|revoke`: which phones there are, and how they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import click
from flask.cli import AppGroup

from surveyapp.people import contacts, devices
from surveyapp.people.command_group import plain_errors
from surveyapp.people.models import Device, DeviceDay

device_group = AppGroup("device", help="Field phones: their keys and codes, and how they are.")
NUMBER = click.argument("number", type=click.IntRange(1, 2**31 - 1))
#: a clock that is less far off is right
_RIGHT = timedelta(minutes=1)


@device_group.command("list")
def list_command() -> None:
    """Show every device: whose it is, what it may fill in, when it was last heard of, what it holds.

    \b
    Example:
      surveyapp device list
    """
    owners = devices.names_of_users()
    for device in devices.devices():
        click.echo("  ".join(_facts(device, owners)))


def _facts(device: Device, owners: dict[int, str]) -> list[str]:
    seen = f"seen {_moment(device.seen_at)}" if device.seen_at else "never seen"
    facts = [str(device.id), device.name, ", ".join(device.questionnaires) or "all", seen]
    if device.user_id is not None:
        facts.append(f"of {owners[device.user_id]}")
    if device.unsent:
        facts.append(f"{device.unsent} unsent{_since(device.oldest_unsent_at)}")
    if clock := _clock(device.clock_skew):
        facts.append(clock)
    if device.revoked_at is not None:
        facts.append(f"revoked {device.revoked_at:%Y-%m-%d}")
    return facts


@device_group.command("show")
@NUMBER
def show_command(number: int) -> None:
    """Show how a device is, and how it was on the days on which it was heard of.

    Two lines for one day are two phones that show the same key.

    \b
    Example:
      surveyapp device show 7
    """
    with plain_errors():
        device = devices.known_device(number)
    owners = devices.names_of_users()
    for label, value in _state(device, owners):
        click.echo(f"{label:14}{value}")
    days = contacts.days_of(number)
    if days:
        click.echo()
    for day in days:
        click.echo("  ".join((f"{day.day}", *_day(day))))


def _state(device: Device, owners: dict[int, str]) -> Iterator[tuple[str, str]]:
    told: dict[str, str | None] = {
        "Device": f"{device.id}  {device.name}",
        "Of": owners[device.user_id] if device.user_id is not None else None,
        "May fill in": ", ".join(device.questionnaires) or "all",
        "Language": device.language,
        "Revoked": _moment(device.revoked_at),
        "Last seen": _moment(device.seen_at) or "never",
        "App": device.app,
        "Phone": device.installation,
        "Unsent": None if device.unsent is None else f"{device.unsent}{_since(device.oldest_unsent_at)}",
        "Free storage": _bytes(device.free_storage),
        "Battery": _percent(device.battery),
        "Clock": _measured(device),
    }
    return ((label, value) for label, value in told.items() if value)


def _day(day: DeviceDay) -> Iterator[str]:
    told = (
        f"{day.seen_at:%H:%M}Z",
        day.app,
        f"phone {day.installation}" if day.installation else None,
        None if day.unsent is None else f"{day.unsent} unsent{_since(day.oldest_unsent_at)}",
        f"{_bytes(day.free_storage)} free" if day.free_storage is not None else None,
        f"battery {_percent(day.battery)}" if day.battery is not None else None,
        _clock(day.clock_skew),
    )
    return (fact for fact in told if fact)


def _measured(device: Device) -> str | None:
    if device.clock_skew is None or device.clock_skew_at is None:
        return None
    state = _clock(device.clock_skew) or "clock right"
    return f"{state.removeprefix('clock ')} (measured {_moment(device.clock_skew_at)})"


def _clock(skew: int | None) -> str | None:
    """How far the clock is off, if it is."""
    if skew is None or abs(skew) < _RIGHT.total_seconds():
        return None
    off = timedelta(seconds=abs(skew))
    hours, minutes = divmod(round(off.total_seconds() / 60), 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    length = " ".join(f"{number} {unit}" for number, unit in parts if number)
    return f"clock {length} {'ahead' if skew > 0 else 'behind'}"


def _since(moment: datetime | None) -> str:
    return f" (oldest of {_moment(moment)})" if moment else ""


def _moment(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else None


def _bytes(number: int | None) -> str | None:
    return None if number is None else f"{number / 1e6:,.0f} MB"


def _percent(number: int | None) -> str | None:
    return None if number is None else f"{number} %"


@device_group.command("revoke")
@NUMBER
def revoke_command(number: int) -> None:
    """Take a device's access away; what it had collected still comes in for 90 days, to quarantine.

    \b
    Example:
      surveyapp device revoke 7
    """
    with plain_errors():
        device = devices.revoke(number)
    click.echo(f"Device {device.id} ({device.name}) has no access any more.")
