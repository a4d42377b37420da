"""How an endpoint of the register is reached: its network, whom it is trusted by, and as whom we show ourselves."""

from collections.abc import Callable

from contracts.register import RestEndpoint, ZgwEndpoint
from services.runtime.outbound.network import Uitgang

_LISTS = 4 * 1024 * 1024
"""A zaaksysteem answers with lists."""


def uitgang_of(endpoint: RestEndpoint | ZgwEndpoint, *, secret: Callable[[str], str], at_once: int) -> Uitgang:
    """With its certificates read anew, so that they can rotate. Raises `SecretUnavailable`."""
    tls = endpoint.tls
    return Uitgang(
        private_network=endpoint.prive_netwerk,
        ca=None if tls is None or tls.ca is None else secret(tls.ca),
        certificate=None if tls is None or tls.certificaat is None else secret(tls.certificaat),
        key=None if tls is None or tls.sleutel is None else secret(tls.sleutel),
        at_once=endpoint.tempo.tegelijk or at_once,
        **({"most_read": _LISTS} if isinstance(endpoint, ZgwEndpoint) else {}),
    )
