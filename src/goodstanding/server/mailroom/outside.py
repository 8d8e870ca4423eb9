"""Which addresses events may be sent to: none inside, unless the setting says that the receiver stands there.

Whoever names an endpoint could otherwise make this server ask machines that only it can reach. The name is looked up once, every address it
has is checked, and the connection goes to the one that was checked: a name that answers differently a moment later gains nothing.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from goodstanding.core.errors import UnusableInput
from goodstanding.server.mailroom.failures import DeliveryFailed

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that carry an IPv4 one (RFC 6052); the one inside is what counts."""

LONGEST_URL = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_url(url: str, *, inside: bool) -> str:
    """A URL that events could go to, as it is kept. `inside`: whether plain http and private addresses may be.

    Raises UnusableInput with the reason. What its name leads to is looked at when something is sent, and every time.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UnusableInput(f"'{url[:100]}' is no address: {error}") from error
    if parts.scheme not in (("https", "http") if inside else ("https",)) or not host:
        raise UnusableInput(f"'{url[:100]}' cannot be sent to; write an address that begins with https://")
    if len(url) > LONGEST_URL or parts.username is not None or parts.fragment or not url.isprintable() or " " in url:
        raise UnusableInput(f"the address must be without user, fragment and spaces, and at most {LONGEST_URL} characters")
    literal = _literal(host)
    if literal is not None and not inside and not is_outside(literal):
        raise UnusableInput(f"{host} is an address inside a network; events go to public ones only (GOODSTANDING_WEBHOOKS_INSIDE)")
    return url


def address_of(host: str, port: int, *, inside: bool) -> str:
    """The address to connect to for a host. Raises DeliveryFailed where the name is unknown, or leads inside and may not."""
    try:
        found = list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed(f"{host} is not known: {error}") from error
    for one in found:
        if not inside and not is_outside(ipaddress.ip_address(one.partition("%")[0])):
            raise DeliveryFailed(f"{host} leads to {one}, inside a network; events go to public addresses only (GOODSTANDING_WEBHOOKS_INSIDE)")
    return found[0]


def is_outside(address: Address) -> bool:
    """Whether an address is a public one; of an IPv6 address that carries an IPv4 one, that one must be public as well."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in NAT64:
            carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if not all(is_outside(one) for one in carried if one is not None):
            return False
        if address.ipv4_mapped is not None:
            return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
