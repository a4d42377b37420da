"""How fast a caller may ask: by its token once that proved valid, by its address before that."""

from collections.abc import Mapping

import pytest

from services.runtime.http.rates import Charge, Rates
from services.runtime.process.limits import Limits, caller_address, parse_networks
from services.runtime.settings import SettingsFouten, load_settings

LIMITS = Limits(per_token=8, per_address=4)
TOKEN = {b"authorization": b"Bearer geldig"}


class Door:
    """A process at whose door a test stands; `now` is in seconds."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.now = 0.0
        self._rates = Rates(limits, monotonic=lambda: self.now)

    def knock(
        self,
        sent: Mapping[bytes, bytes] | None = None,
        *,
        address: str = "192.0.2.1",
        valid: bool = False,
        status: int = 200,
    ) -> Charge:
        charge = self._rates.charge({"type": "http", "client": (address, 1)}, sent or {})
        self._rates.settle(charge, valid=valid, status=429 if charge.wait else status)
        return charge

    def admitted(self, times: int, sent: Mapping[bytes, bytes] | None = None, **how: object) -> int:
        """How many of so many in a row."""
        return sum(not self.knock(sent, **how).wait for _ in range(times))  # type: ignore[arg-type]


def test_an_address_may_run_two_seconds_ahead_and_then_at_its_rate() -> None:
    door = Door()
    assert door.admitted(100) == 9
    assert door.knock().wait > 0
    door.now += 30
    assert [door.admitted(1) for _ in range(3)] == [1, 1, 1]


def test_who_waits_as_long_as_it_was_told_is_let_in() -> None:
    door = Door()
    assert door.admitted(20) == 9
    door.now += door.knock().wait
    assert door.admitted(1) == 1


def test_another_address_is_not_kept_waiting() -> None:
    door = Door()
    door.admitted(100)
    assert door.knock(address="192.0.2.2").wait == 0


def test_a_valid_token_has_an_account_of_its_own_whatever_its_address_does() -> None:
    """Behind one address stand many systems; only the first call of each is on the account of the address."""
    door = Door()
    assert door.knock(TOKEN, valid=True).wait == 0
    door.admitted(100)
    assert door.admitted(100, TOKEN, valid=True) == 16
    assert door.knock({b"authorization": b"Bearer ander"}, valid=True).wait > 0


def test_the_session_of_a_browser_counts_as_a_token() -> None:
    door = Door()
    cookie = {b"cookie": b"houvast_sessie=hv_x"}
    door.knock(cookie, valid=True)
    door.admitted(100)
    assert door.knock(cookie, valid=True).wait == 0


def test_a_token_that_is_no_longer_valid_falls_back_on_its_address() -> None:
    door = Door()
    door.knock(TOKEN, valid=True)
    door.knock(TOKEN, status=401)
    door.admitted(100)
    assert door.knock(TOKEN, status=401).wait > 0


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_guessing_costs_five_times_as_much(status: int) -> None:
    assert Door().admitted(100, status=status) == 2


def test_guessing_with_another_token_each_time_is_one_address_guessing() -> None:
    door = Door()
    guesses = [door.knock({b"authorization": b"Bearer %d" % number}, status=401) for number in range(100)]
    assert sum(not guess.wait for guess in guesses) == 2


def test_a_large_body_counts_for_its_size() -> None:
    door = Door()
    door.knock(TOKEN, valid=True).add_bytes(1024)
    door.knock(TOKEN, valid=True).add_bytes(1024 * 1024)
    refused = door.knock(TOKEN, valid=True)
    assert refused.wait == 6.28125  # 66 requests and a refusal at eight a second, less the two seconds ahead
    assert refused.hold == 3.0


def test_a_body_of_many_values_counts_for_them() -> None:
    door = Door()
    door.knock(TOKEN, valid=True).add_items(99)
    door.knock(TOKEN, valid=True).add_items(2_000)
    assert door.knock(TOKEN, valid=True).wait == pytest.approx(0.78125)  # 22 requests and a refusal at eight a second


def test_only_who_goes_on_all_the_same_is_kept_back() -> None:
    door = Door()
    door.admitted(10)
    assert door.knock().hold == 0.0
    door.admitted(200)
    assert door.knock().hold == 3.0


def test_who_goes_on_is_welcome_again_ten_seconds_after_it_stops() -> None:
    door = Door()
    door.admitted(100_000)
    door.now += 11
    assert door.knock().wait == 0


def test_the_memory_of_many_addresses_is_bounded() -> None:
    """And whoever is far ahead at that moment is not forgotten for those who are not."""
    door = Door()
    for number in range(9_990):
        door.knock(address=f"10.0.{number // 250}.{number % 250}")
    door.now += 5
    door.admitted(200, address="192.0.2.9")
    for number in range(500):
        door.knock(address=f"10.1.{number // 250}.{number % 250}")
    assert door.knock(address="192.0.2.9").wait > 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", "203.0.113.7", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.7", "192.0.2.9", "192.0.2.1"),
        ("192.0.2.9", "203.0.113.7", "192.0.2.9", "203.0.113.7"),
        ("192.0.2.9", "1.1.1.1, 203.0.113.7", "192.0.2.9", "203.0.113.7"),
        ("192.0.2.9", "203.0.113.7, 192.0.2.8", "192.0.2.0/24", "203.0.113.7"),
        ("192.0.2.9", "", "192.0.2.9", "192.0.2.9"),
        ("192.0.2.9", "geen adres", "192.0.2.9", "192.0.2.9"),
        ("2001:db8:1:2:3:4:5:6", "", "", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", "", "192.0.2.1"),
    ],
)
def test_the_address_is_that_of_the_peer_unless_a_trusted_proxy_says_otherwise(
    peer: str, forwarded: str, trusted: str, address: str
) -> None:
    """What a stranger writes in the header is not believed, also not when a proxy passes it on."""
    networks = parse_networks(trusted)
    assert isinstance(networks, tuple)
    assert caller_address(peer, forwarded, networks) == address


def test_the_limits_are_settings() -> None:
    limits = load_settings(
        {
            "HOUVAST_TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/24",
            "HOUVAST_RATE_PER_TOKEN": "7.5",
            "HOUVAST_RATE_PER_ADDRESS": "3",
            "HOUVAST_CONNECTIONS_PER_ADDRESS": "9",
        }
    ).limits
    assert (limits.per_token, limits.per_address, limits.connections) == (7.5, 3, 9)
    assert [str(network) for network in limits.trusted_proxies] == ["10.0.0.5/32", "10.1.0.0/24"]
    assert load_settings({}).limits == Limits()


def test_a_proxy_that_is_no_address_stops_the_start() -> None:
    with pytest.raises(SettingsFouten, match=r"HOUVAST_TRUSTED_PROXIES: .*10\.0\.0\.5,10\.1\.0\.0/24"):
        load_settings({"HOUVAST_TRUSTED_PROXIES": "proxy.intern"})
    with pytest.raises(SettingsFouten, match="HOUVAST_RATE_PER_TOKEN"):
        load_settings({"HOUVAST_RATE_PER_TOKEN": "0"})


def test_a_caller_waits_behind_its_own_requests_and_behind_nobody_elses() -> None:
    rates = Rates(Limits(per_token=100, per_address=100))
    one, again, other = (
        rates.charge({"type": "http", "client": (address, 1)}, {}) for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2")
    )
    turn = rates.turn(one)
    assert rates.turn(again) is turn
    assert rates.turn(other) is not turn
    assert turn._value == 8, "a hundred a second, of which so many at once"
