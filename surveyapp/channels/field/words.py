"""What the program's modules say, in the page's language; everything else stands in its template."""

from __future__ import annotations

from flask_babel import gettext as _


def words() -> dict[str, str]:
    """Sentences by the names that the modules know. `{…}` is filled in by them."""
    return _states() | _visits() | _reasons() | _failures() | _others()


def _states() -> dict[str, str]:
    return {
        "state_ready": _("Ready to be sent"),
        "state_waiting": _("Waiting: it will be sent again at {time}"),
        "state_sending": _("Sending"),
        "state_files": _("Sending: {percent} of its files"),
        "state_received": _("Received"),
        "state_attention": _("Needs your attention"),
        "held_for_a_person": _("Received; a person at the office will look at it"),
    }


def _visits() -> dict[str, str]:
    """Of what the office has given out."""
    return {
        "visit_open": _("To do"),
        "visit_begun": _("Begun"),
        "visit_waiting": _("Finished; it waits to be sent"),
        "visit_received": _("Received"),
        "visit_done": _("Done"),
        "is_due": _("By {day}"),
        "was_due": _("It was due by {day}"),
        "begin": _("Begin"),
        "go_on": _("Continue"),
        "no_questionnaire": _(
            "The questionnaire of this visit is not on this phone. Open this page with a network, or "
            "ask the office."
        ),
    }


def _reasons() -> dict[str, str]:
    """Why a record waits."""
    return {
        "reason_network": _("There is no network."),
        "reason_portal": _("This network asks to sign in first, or blocks the server."),
        "reason_server": _("The server has a problem. Nothing is lost."),
        "reason_busy": _("The server is busy. Nothing is lost."),
        "reason_signed_out": _("This phone is not known to the server. Ask the office for a new code."),
        "reason_forbidden": _("This phone may no longer send. Call the office, or save to a file."),
        "reason_too_large": _("It is too large for the server. Save it to a file for the office."),
        "reason_malformed": _("The server cannot read it. Save it to a file for the office."),
        "reason_unknown": _("The server did not take it. Save it to a file for the office."),
    }


def _failures() -> dict[str, str]:
    return {
        "unavailable": _(
            "This browser keeps nothing. Open the page in Chrome, not in a private window."
        ),
        "full": _("The phone is full. Delete photos or other apps’ data, then try again."),
        "locked": _("It was locked meanwhile. Enter the PIN."),
        "gone": _("This is not here any more."),
        "no_answer": _("There was no answer. Try again where there is a network."),
        "pin_short": _("A PIN has six digits or more."),
        "pin_easy": _("This PIN is too easy to guess."),
        "pin_differs": _("The two PINs are not the same."),
        "pin_wrong": _("This is not the PIN."),
        "pin_wait": _("Too many wrong PINs. Wait {seconds} s."),
        "open_elsewhere": _("It is open in another window. Close that one first."),
        "code_missing": _("Type the code that the office gave."),
        "parcel_missing": _("Choose the file, and type the code that the colleague told."),
        "no_parcel": _("This is no file of a colleague’s interview, or it was cut off."),
        "wrong_code": _("The code does not open this file."),
        "here_already": _("This interview is on this phone already."),
        "no_camera": _("The camera could not be opened. Type the code."),
        "no_code": _("This is not the code that sets up this phone. Look for another one on the paper."),
        "no_copy": _("The answers are not on this phone any more. Fill in the questionnaire again."),
    }


def _others() -> dict[str, str]:
    return {
        "without_pin": _("{name} (no PIN yet)"),
        "no_name": _("Without a name"),
        "changed_at": _("Changed {time}"),
        "finished_at": _("Finished {time}"),
        "received_at": _("Received {time}"),
        "returned_at": _("Returned {time}"),
        "comment_at": _("{place}: {text}"),
        "comment_by_office": _("The office says: {text}"),
        "delete_answers": _(
            "Delete this draft with its answers? They have not been sent, and cannot be brought back."
        ),
        "delete": _("Delete"),
        "save_name": _("Save"),
        "pin_changed": _("The PIN was changed."),
        "practice": _("Practice"),
        "none_waiting": _("Nothing waits to be sent."),
        "waiting": _("Waiting to be sent: {count}"),
        "sent_now": _("Received by the server just now: {count}"),
        "bytes_free": _("{free} free for this program"),
        "low_room": _(
            "Little room is left on this phone: {free}. Send now, or save everything to a file for the "
            "office. Then delete photos or films that nobody needs."
        ),
        "lasting": _("Kept until you delete it"),
        "not_lasting": _(
            "The browser may delete it when the phone is full. Install the program, or send soon."
        ),
        "clock_right": _("The clock is right"),
        "clock_wrong": _("The clock is wrong by {minutes} min. Set it in the phone’s settings."),
        "copies_kept": _("Questionnaires are on this phone and open without a network."),
        "copies_missing": _(
            "Not all questionnaires are on this phone yet. Open this page once more with a network."
        ),
        "file_saved": _("The file was saved. Give it to the office; it can only be opened there."),
        "hand_to": _("A colleague on this phone: {name}"),
        "handed_to": _("Handed over. It is now with: {name}"),
        "handed_at": _("Put into a file for a colleague {time}"),
        "stop": _("Stop"),
        "chosen": _("Chosen: {name}"),
        "taken_over": _("Taken over from colleagues: {count}"),
        "revoked": _(
            "The office has taken this phone out of service. Its work can still be sent until {time}."
        ),
    }
