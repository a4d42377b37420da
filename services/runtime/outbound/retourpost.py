"""Reading what comes back to a return address, whatever the make of the mail server that wrote it.

Three outcomes: it says what became of the mail; it says nothing about that (somebody's automatic reply, a receipt that
it was read); or nobody can tell by a form we know, and then a person reads it. Nothing in between is lost in silence.

Forms that are known: the delivery status of RFC 3464 and its international twin (RFC 6533), wherever in the message a
gateway or a person who forwarded it put that; the bounce of qmail (QSBMF); and what a mail server writes in words.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, message_from_string, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from typing import cast

from services.runtime.outbound.bounces import Bounce, BounceKind, MailNumber, ReturnAddress

_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
_STATUS = re.compile(r"(?<![0-9.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")
_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_READ_RECEIPTS = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_SYSTEMS = re.compile(
    r"^(mailer[-._]?daemon|postmaster|mail[-._]?daemon|mdaemon|antispam|mail-?delivery.*)$", re.IGNORECASE
)
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_MOST_SCANNED = 64 * 1024
_LONGEST_LETTER = 8_000
"""Characters of text that a person gets to read; what explains a bounce stands at its top."""

_GAVE_UP = re.compile(
    r"permanent (?:error|failure|fatal)|failed permanently|giv(?:en|ing) up|definitief|(?:geven|geeft) het op|opgegeven",
    re.IGNORECASE,
)
_DELAYED_WORDS = re.compile(
    r"delay|temporar|be retried|will retry|keep trying|continue to try|continuing to try|not yet been delivered"
    r"|has not been delivered yet|no action is required|warning message only|vertraag|vertraging|tijdelijk"
    r"|nog niet (?:kunnen )?(?:worden )?(?:bezorg|aflever)|opnieuw (?:ge)?prob|nogmaals geprobeerd"
    r"|hoeft (?:u )?(?:nog )?niets te doen",
    re.IGNORECASE,
)
_FAILED_WORDS = re.compile(
    r"could ?n[o']t be delivered|could not be delivered|not delivered|wasn't delivered|undeliver|delivery (?:has )?failed"
    r"|delivery failure|failure notice|returned mail|address (?:rejected|not found)|user unknown|unknown user"
    r"|no such (?:user|mailbox)|no mailbox here|mailbox (?:unavailable|not found|is full|full)|does ?n[o']t exist"
    r"|does not exist|over quota|onbestelbaar|niet (?:worden )?(?:be|af)gelever|niet (?:worden )?bezorgd|bestaat niet"
    r"|mislukt|niet gevonden|geweigerd|is vol\b|postvak vol|\b55[0-9][ -]",
    re.IGNORECASE,
)
_ABSENT_WORDS = re.compile(
    r"out of (?:the )?office|auto(?:matic|matisch|mated)?[ -]?(?:reply|response|antwoord)|afwezig|abwesen|vakantie|vacation"
    r"|on leave|niet aanwezig|buiten kantoor|niet op kantoor|read: |gelezen: |leesbevestiging",
    re.IGNORECASE,
)
_GONE_WORDS = re.compile(
    r"\b(?:e-?mail|mail)?-?(?:adres|account|postbus|mailbox|postvak)\b[^.!?]{0,60}?(?:niet (?:meer|langer) (?:in gebruik|gebruikt"
    r"|gelezen|actief|bewaakt|bekeken|geldig)|opgeheven|vervallen|buiten gebruik|afgesloten)"
    r"|niet (?:meer|langer) (?:(?:hier|bij (?:ons|\w+(?: \w+){0,4})) )?(?:werkzaam|in dienst)"
    r"|werkt? (?:\w+ ){0,5}niet (?:meer|langer)\b"
    r"|uit dienst\b|heeft (?:ons|onze organisatie|de organisatie) verlaten"
    r"|(?:address|mailbox|account|inbox)\b[^.!?]{0,60}?(?:no longer|not (?:being )?(?:monitored|in use|read)|unmonitored"
    r"|discontinued|deactivated|closed)"
    r"|no longer (?:in use|monitored|works?\b|working|employed|with (?:us|the|our)|at (?:this|the|our))"
    r"|(?:has|have) left (?:the|our|us)\b|unmonitored (?:mailbox|inbox|address)"
    r"|(?:adresse|postfach|konto|mailbox)\b[^.!?]{0,60}?nicht mehr"
    r"|nicht mehr (?:\w+ ){0,5}?(?:tätig|beschäftigt|arbeite\w*|erreichbar"
    r"|in gebrauch|verwendet|genutzt|gelesen)|(?:arbeite\w*|ist|bin) (?:\w+ ){0,4}nicht mehr (?:bei|für|in|hier|im)"
    r"|(?:adresse|boîte|messagerie|compte)\b[^.!?]{0,60}?(?:n['’]est plus|ne sera plus|désactivé)|ne (?:travaille|fai[st]) plus"
    r"|n['’]est plus (?:\w+ ){0,3}?(?:utilisée?|lue|consultée?|active?|valide|en poste|employée?|dans|chez|à|parmi)|a quitté",
    re.IGNORECASE,
)
"""Nobody reads what is sent there, now or later: not that somebody is away for a while."""


def read_bounce(raw: bytes, return_address: ReturnAddress) -> Bounce | None:
    """What this says about a mail of ours; None where it says nothing, or is about no mail that was made here.

    A success counts only as what a mail server says of it; somebody's automatic reply is neither delivery nor failure.
    """
    message = message_from_bytes(raw, policy=policy.compat32)
    mail = _find_mail(message, raw, return_address)
    if mail is None:
        return None
    reported = None if _is_receipt(message) else _read_reports(message)
    if reported is not None:
        kind, status = reported
        return Bounce(mail, kind, status)
    if _is_receipt(message):
        return None
    if _is_reply(message):
        return Bounce(mail, BounceKind.UNCLEAR, letter=_letter(message)) if _says_nobody_reads(message) else None
    written = next((part for part in message.walk() if _is_by_a_system(part)), None)
    if written is not None and (kind := _kind_in_words(written)) is not None:
        return Bounce(mail, kind, _code_in(_text_of(written)))
    return Bounce(mail, BounceKind.UNCLEAR, letter=_letter(message))


def looks_like_bounce(raw: bytes) -> bool:
    """Whether a mail server wrote this about a mail, whosever that was."""
    message = message_from_bytes(raw, policy=policy.compat32)
    if _is_receipt(message):
        return False
    by_a_system = any(_is_by_a_system(part) for part in message.walk()) and not _is_reply(message)
    return by_a_system or _read_reports(message) is not None


def _find_mail(message: Message, raw: bytes, return_address: ReturnAddress) -> MailNumber | None:
    """By the address it was sent to; else, where it was forwarded, by that address anywhere in it."""
    found = (return_address.read(address) for address in _addressees(message))
    outer = next((mail for mail in found if mail is not None), None)
    if outer is not None:
        return outer
    texts = (*(_text_of(part) for part in message.walk()), raw[:_MOST_SCANNED].decode("latin-1"))
    return next((mail for mail in map(return_address.find_in, texts) if mail is not None), None)


def _addressees(message: Message) -> Iterator[str]:
    for name in _TO:
        given = [str(value) for value in message.get_all(name, [])]
        yield from (address for _, address in getaddresses(given))


# --- the delivery status ------------------------------------------------------------------------------------------------


def _read_reports(message: Message) -> tuple[BounceKind, str | None] | None:
    """What the delivery statuses in this message say; one that failed counts for all.

    A mail has one address, and behind it may be people who do not get it.
    """
    recipients = [block for part in message.walk() for block in _blocks_of(part)]
    said = [(kind, _code_of(block)) for block in recipients if (kind := _action_of(block)) is not None]
    for kind in BounceKind:
        codes = [code for found, code in said if found is kind]
        if codes:
            return kind, next((code for code in codes if code), None)
    return None


def _blocks_of(part: Message) -> Iterator[Message]:
    """What a part says per recipient. A gateway may have made a text or an attachment of it."""
    kind = part.get_content_type()
    if kind in _REPORTS:
        yield from _status_blocks(_content_of(part))
    elif not part.is_multipart() and (kind.startswith("text/") or kind == "application/octet-stream"):
        text = _decoded(part)
        yield from (block for block in _status_blocks(text) if _is_status(block))


def _status_blocks(text: str) -> Iterator[Message]:
    """The blocks with something about one recipient, as headers."""
    for block in _BLANK_LINE.split(text[:_MOST_SCANNED]):
        yield message_from_string(block.strip() + "\n\n", policy=policy.compat32)


def _is_status(block: Message) -> bool:
    return "Action" in block and ("Final-Recipient" in block or "Original-Recipient" in block)


def _content_of(part: Message) -> str:
    """A delivery status as text: the parser makes messages of its blocks, and leaves it coded where it was."""
    _, _, content = part.as_bytes(policy=policy.compat32.clone(linesep="\n")).partition(b"\n\n")
    leaf = Message()
    leaf["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding", "8bit"))
    leaf.set_payload(content.decode("latin-1"))
    return _as_text(leaf.get_payload(decode=True))


def _action_of(recipient: Message) -> BounceKind | None:
    """Failed is for good whatever its code: nobody goes on trying. Without an action the code says it."""
    action = str(recipient.get("Action", "")).partition("(")[0].strip().lower()
    if action == "failed" or (not action and _code_of(recipient).startswith("5")):
        return BounceKind.FAILED
    if action == "delayed" or (not action and _code_of(recipient).startswith("4")):
        return BounceKind.DELAYED
    return BounceKind.DELIVERED if action in {"delivered", "relayed", "expanded"} else None


def _code_of(recipient: Message) -> str:
    return _code_in(str(recipient.get("Status", ""))) or ""


def _code_in(text: str) -> str | None:
    match = _STATUS.search(text)
    return None if match is None else ".".join(str(int(part)) for part in match.groups())


# --- what is no bounce --------------------------------------------------------------------------------------------------


def _is_receipt(message: Message) -> bool:
    """A receipt that somebody read it, or threw it away unread: they have it."""
    kinds = {part.get_content_type() for part in message.walk()}
    return not kinds.isdisjoint(_READ_RECEIPTS) and kinds.isdisjoint(_REPORTS)


def _is_reply(message: Message) -> bool:
    """Somebody's automatic reply: who is away has received it."""
    if _is_by_a_system(message):
        return False
    automatic = re.split(r"[;(]", str(message.get("Auto-Submitted", "no")))[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        automatic in {"auto-replied", "auto-generated"}
        or precedence == "auto_reply"
        or "X-Autoreply" in message
        or "X-Autorespond" in message
        or _ABSENT_WORDS.search(_subject(message)) is not None
    )


def _says_nobody_reads(reply: Message) -> bool:
    """Whether an automatic reply says that the address has no reader any more: then a person has to look.

    Line breaks within a sentence, and what somebody quotes below it, say nothing of that.
    """
    own = "\n".join(line for line in _text_of(reply).splitlines() if not line.lstrip().startswith(">"))
    return _GONE_WORDS.search(" ".join(f"{_subject(reply)}. {own}".split())) is not None


def _is_by_a_system(message: Message) -> bool:
    """Whether a mail server wrote it, and no person or their mailbox. A reply has no sender in its envelope either."""
    local, _, _ = parseaddr(str(message.get("From", "")))[1].partition("@")
    failed = "X-Failed-Recipients" in message
    return failed or _SYSTEMS.match(local) is not None


# --- what is said in words ----------------------------------------------------------------------------------------------


def _kind_in_words(written: Message) -> BounceKind | None:
    """What a mail server wrote, where it says one thing; None where nobody can tell."""
    said = f"{_subject(written)}\n{_text_of(written)}"
    if _text_of(written).lstrip().startswith("Hi. This is the "):  # QSBMF: what qmail sends back it has given up
        return BounceKind.FAILED
    gave_up, delayed = _GAVE_UP.search(said) is not None, _DELAYED_WORDS.search(said) is not None
    if gave_up and delayed:
        return None
    if delayed:
        return BounceKind.DELAYED
    failed = gave_up or "X-Failed-Recipients" in written or _FAILED_WORDS.search(said) is not None
    return BounceKind.FAILED if failed else None


def _letter(message: Message) -> str:
    """What a person gets to read."""
    texts = "\n\n".join(_text_of(part) for part in message.walk() if _is_message(part))
    return f"{_subject(message)}\n\n{texts}".strip()[:_LONGEST_LETTER] or "(leeg bericht)"


def _subject(message: Message) -> str:
    written = str(message.get("Subject", ""))
    try:
        return str(make_header(decode_header(written))).strip()
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return written.strip()


def _text_of(message: Message) -> str:
    """What it says in words itself; not what stands in a message that goes along."""
    texts = [_decoded(part) for part in _own_parts(message) if part.get_content_maintype() == "text"]
    return "\n\n".join(texts)[:_MOST_SCANNED]


def _own_parts(part: Message) -> Iterator[Message]:
    content: object = part.get_payload()
    if not isinstance(content, list):
        yield part
    elif part.get_content_maintype() == "multipart":
        for inner in cast("list[Message]", content):
            yield from _own_parts(inner)


def _is_message(part: Message) -> bool:
    """Whether it is a message by itself, and no part of one."""
    return "From" in part


def _decoded(part: Message) -> str:
    return _as_text(part.get_payload(decode=True), part.get_content_charset())


def _as_text(content: object, charset: str | None = None) -> str:
    if isinstance(content, str):
        return content
    coded = content if isinstance(content, bytes) else b""
    try:
        return coded.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        return coded.decode("latin-1")
