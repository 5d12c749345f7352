"""Values: dataclasses that nobody changes once they are made.

    from app.values import dataclass

    @dataclass(frozen=True, slots=True)
    class Clue: ...

`frozen` is for mypy, which lets no line of ours assign to a field. At run time the class is an ordinary one with a
hash: a frozen dataclass sets each field by a call and takes four times as long to make, and a report is hundreds of
fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses

    def dataclass(cls=None, /, *, frozen=False, eq=True, **more):
        """As `dataclasses.dataclass`; a frozen one is made as quickly as any other."""
        return dataclasses.dataclass(cls, eq=eq, unsafe_hash=frozen and eq, **more)


__all__ = ["dataclass"]
