"""Whose a mail shown in a text is: the writer's own, the desk's, or somebody else's, who alone may be reported."""

from __future__ import annotations

from app.mail.domain import Original
from app.mail.fields.address import addresses_in, bare_address, domain_of
from app.mail.fields.domains import same_house
from app.mail.inline.block import Block
from app.mail.inline.sender import sender_of
from app.mail.inline.shown import recipients_of
from app.mail.inline.words import Role
from app.mail.mime.message import Message
from app.mail.report import ROLE, writer_of
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class People:
    """Who writes to whom, addresses in lower case, "" where not known. others: whom it went to besides."""

    writer: str = ""
    addressee: str = ""
    others: frozenset[str] = frozenset()

    def wrote(self, block: Block) -> bool:
        """Whether the writer wrote that mail too."""
        return bool(self.writer) and _author(block) == self.writer

    def sent(self, original: Original) -> bool:
        """Whether the writer sent that mail to the desk: to the addressee, or out of the house to another who is
        written to or to a role. What others sent in the writer's name went to the writer."""
        if not self.writer or (bare_address(original.from_) or "").lower() != self.writer:
            return False
        fields = (original.first(name) or "" for name in ("To", "Cc"))
        return any(self._is_desk(each.lower()) for field in fields for each in addresses_in(field))

    def _is_desk(self, address: str) -> bool:
        if address == self.addressee != self.writer:
            return True
        is_outside = not same_house(domain_of(address), domain_of(self.writer))
        return is_outside and (address in self.others or ROLE.match(address) is not None)

    def got(self, block: Block) -> bool:
        """Whether that mail is the addressee's: what is answered to."""
        return bool(self.addressee) and _author(block) == self.addressee

    def is_desks(self, block: Block) -> bool:
        """Whether one of those who are written to wrote that mail, or somebody at the addressee's."""
        author = _author(block)
        at_addressees = same_house(domain_of(author), domain_of(self.addressee))
        return bool(author) and (author in self.others or at_addressees)

    def is_third(self, block: Block) -> bool:
        """Whether somebody else wrote that mail than who writes and who is written to; False where not known."""
        is_known = self.writer and self.addressee and _author(block)
        return bool(is_known) and not self.wrote(block) and not self.is_desks(block)

    def is_beside(self, block: Block, lower: Block) -> bool:
        """Whether the mail below that one came by itself: the one does not go to who wrote the other."""
        return _author(lower) not in _recipients(block) and not self.wrote(lower) and not self.is_desks(lower)

    def answered_for(self, block: Block, lower: Block) -> bool:
        """Whether a colleague of the writer's answered in that mail to the one below it."""
        house, answered = domain_of(_author(block)), _author(lower)
        is_colleague = same_house(house, domain_of(self.writer)) and not same_house(house, domain_of(answered))
        return is_colleague and answered in _recipients(block)


NOBODY = People()


def people_of(mail: Message) -> People:
    """Who writes `mail`, and to whom."""
    writer, addressee = writer_of(mail.head) or "", bare_address(mail.head.first("to")) or ""
    told = ((mail.head.first(name) or "") for name in ("to", "cc"))
    return People(
        writer.lower(), addressee.lower(), frozenset(each.lower() for value in told for each in addresses_in(value))
    )


def _author(block: Block) -> str:
    return (bare_address(sender_of(block.value(Role.FROM) or "")) or "").lower()


def _recipients(block: Block) -> frozenset[str]:
    return frozenset(each.lower() for each in recipients_of(block))
