"""A DNS server on the loopback for tests: TXT and CNAME records out of dictionaries, and misbehaviour on demand.

    with DnsServer(txt={"s._domainkey.example.com": ["v=DKIM1; p=…"]}) as server:
        resolver = Dns((server.address,))

UDP and TCP listen on one free port of 127.0.0.1. Real packets by dnspython; nothing outside is asked.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class DnsServer:
    """Answers what it was given; NXDOMAIN for every other name.

    txt: name → its TXT records. cname: name → the name it points to. empty: names that exist without TXT.
    servfail, drop: names that get SERVFAIL, or no answer. truncate: names whose UDP answer is cut (TC), so that
    the client has to come by TCP. queries counts each name as asked, `tcp` those that came by TCP.
    """

    txt: dict[str, list[str]] = field(default_factory=dict)
    cname: dict[str, str] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)
    servfail: set[str] = field(default_factory=set)
    drop: set[str] = field(default_factory=set)
    truncate: set[str] = field(default_factory=set)
    ttl: int = 60
    queries: Counter[str] = field(default_factory=Counter)
    tcp: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        self._servers = _listen(self)
        self._threads = [threading.Thread(target=each.serve_forever, args=(0.02,)) for each in self._servers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._servers[0].server_address[:2]
        return str(host), int(port)

    def answer(self, wire: bytes, *, by_tcp: bool) -> bytes | None:
        """The packet to send back, None where there is none."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        (self.tcp if by_tcp else self.queries)[name] += 1
        if name in self.drop:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if name in self.truncate and not by_tcp:
            reply.flags |= dns.flags.TC
        else:
            self._fill(reply, name)
        return reply.to_wire()

    def _fill(self, reply: dns.message.Message, name: str) -> None:
        if name in self.servfail:
            reply.set_rcode(dns.rcode.SERVFAIL)
            return
        while name in self.cname:
            reply.answer.append(dns.rrset.from_text(name + ".", self.ttl, "IN", "CNAME", self.cname[name] + "."))
            name = self.cname[name]
        if name in self.txt:
            records = [_strings(text) for text in self.txt[name]]
            reply.answer.append(dns.rrset.from_text(name + ".", self.ttl, "IN", "TXT", *records))
        elif name not in self.empty:
            reply.set_rcode(dns.rcode.NXDOMAIN)


def _strings(text: str) -> str:
    """The text as a zone file writes it: quoted strings of at most 255 characters."""
    pieces = [text[start : start + 255] for start in range(0, len(text), 255)] or [""]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


def _listen(owner: DnsServer) -> tuple[socketserver.BaseServer, ...]:
    for _ in range(20):
        udp = _Udp(("127.0.0.1", 0), _UdpRequest)
        try:
            tcp = _Tcp(udp.server_address, _TcpRequest)
        except OSError:  # somebody else has the port for TCP
            udp.server_close()
            continue
        udp.owner = tcp.owner = owner
        return udp, tcp
    raise RuntimeError("no port is free for both UDP and TCP")


class _Udp(socketserver.ThreadingUDPServer):
    owner: DnsServer
    server_address: Any


class _Tcp(socketserver.ThreadingTCPServer):
    owner: DnsServer


class _UdpRequest(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, sock = self.request
        answer = self.server.owner.answer(wire, by_tcp=False)  # type: ignore[attr-defined]
        if answer is not None:
            sock.sendto(answer, self.client_address)


class _TcpRequest(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        size = int.from_bytes(_exactly(self.request, 2))
        answer = self.server.owner.answer(_exactly(self.request, size), by_tcp=True)  # type: ignore[attr-defined]
        if answer is not None:
            self.request.sendall(len(answer).to_bytes(2) + answer)


def _exactly(sock: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size and (more := sock.recv(size - len(read))):
        read += more
    return read
