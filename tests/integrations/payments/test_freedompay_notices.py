"""What FreedomPay sends us: nothing is believed before its signature, and nothing counts twice."""

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest

from app.core.money import Money
from app.domain.gateways import InvalidSignature, UnreadableNotice
from app.domain.payments import Asked, ChargeState, Notice, Verdict
from app.integrations.payments.freedompay import FreedomPayAccount, FreedomPayGateway
from tests.factories.clock import Clock
from tests.fakes.freedompay import MERCHANT, SECRET, FreedomPayServer, freedompay_server
from tests.fakes.freedompay_wire import read, sign

PAYMENT = uuid4()
RESULT = {
    "pg_order_id": str(PAYMENT),
    "pg_payment_id": "765432100",
    "pg_amount": "4500",
    "pg_currency": "KZT",
    "pg_net_amount": "4365.00",
    "pg_description": "Стрижка; & more",
    "pg_result": "1",
    "pg_can_reject": "1",
    "pg_user_phone": "77777777777",
    "pg_card_pan": "4405-64XX-XXXX-6150",
    "pg_need_email_notification": "",
    "clearing": "at-once",
}
CHECK = {
    name: RESULT[name] for name in ("pg_order_id", "pg_payment_id", "pg_amount", "pg_currency")
}
ACCOUNT = FreedomPayAccount(
    merchant_id=MERCHANT,
    secret=SECRET,
    api_base="http://127.0.0.1:1",
    notify_url="https://pay.example/api/v1/webhooks/freedompay",
    is_testing=False,
)


@pytest.fixture
def gateway(clock: Clock) -> FreedomPayGateway:
    return FreedomPayGateway(ACCOUNT, clock)


def body(facts: dict[str, str], script: str = "result") -> bytes:
    return FreedomPayServer().form(script, facts).encode()


def told(gateway: FreedomPayGateway, **changes: str) -> Notice:
    return gateway.read("result", {}, body(RESULT | changes))


def test_a_result_says_what_was_paid_and_what_it_cost(gateway):
    notice = told(gateway)

    charge = notice.charge
    assert charge
    assert (notice.kind, notice.can_reject) == ("result", True)
    assert (charge.reference, charge.payment_id) == ("765432100", PAYMENT)
    assert (charge.state, charge.failure_code) == (ChargeState.PAID, None)
    assert charge.amount == Money(4500_00, "KZT")
    assert charge.fee == Money(135_00, "KZT")


def test_a_check_asks_whether_the_payment_is_still_wanted(gateway):
    notice = gateway.read("check", {}, body(CHECK, "check"))

    assert notice.charge
    assert (notice.kind, notice.can_reject) == ("check", True)
    assert notice.charge.state is ChargeState.OPEN
    assert notice.charge.amount == Money(4500_00, "KZT")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"pg_result": "0"}, ChargeState.FAILED),
        ({"pg_result": "2"}, ChargeState.PROCESSING),
        ({"pg_result": ""}, ChargeState.PROCESSING),
        ({"pg_result": "10"}, ChargeState.PROCESSING),
        ({"pg_captured": "1", "clearing": "later"}, ChargeState.PAID),
        ({"pg_captured": "0", "clearing": "later"}, ChargeState.AUTHORIZED),
        ({"clearing": "later"}, ChargeState.AUTHORIZED),
        ({"pg_captured": "0"}, ChargeState.PAID),  # the bank clears later, not we
        ({"pg_captured": "0", "clearing": ""}, ChargeState.AUTHORIZED),
        ({"clearing": ""}, ChargeState.PAID),
    ],
)
def test_how_far_it_came_is_said_in_our_words(gateway, changes, state):
    charge = told(gateway, **changes).charge

    assert charge
    assert charge.state is state


def test_a_failure_has_their_code(gateway):
    charge = told(gateway, pg_result="0", pg_failure_code="10005").charge

    assert charge
    assert (charge.failure_code, charge.fee) == ("10005", None)


def test_a_notice_that_comes_late_can_not_be_rejected(gateway):
    assert not told(gateway, pg_can_reject="0").can_reject


def test_an_order_that_is_not_ours_has_no_payment(gateway):
    for order in ("", "7", str(PAYMENT).upper(), f"{{{PAYMENT}}}", "x" * 50):
        charge = told(gateway, pg_order_id=order).charge
        assert charge
        assert charge.payment_id is None


def test_the_same_fact_has_the_same_id_whatever_its_salt(gateway):
    again = told(gateway, pg_can_reject="0", pg_payment_date="2030-03-01 12:30:00")

    assert told(gateway).event_id == again.event_id
    assert len(again.event_id) < 200


@pytest.mark.parametrize(
    "changes",
    [
        {"pg_result": "0"},
        {"pg_captured": "1"},
        {"pg_payment_id": "765432101"},
        {"pg_amount": "4500.01"},
        {"pg_currency": "KGS"},
    ],
)
def test_another_fact_has_another_id(gateway, changes):
    assert told(gateway).event_id != told(gateway, **changes).event_id


def test_each_check_is_a_question_of_its_own(gateway):
    sent = body(CHECK, "check")
    asked, repeated, anew = (
        gateway.read("check", {}, one).event_id for one in (sent, sent, body(CHECK, "check"))
    )

    assert asked == repeated
    assert asked != anew


def test_a_check_and_a_result_are_two_facts(gateway):
    check = gateway.read("check", {}, body(RESULT, "check"))

    assert check.event_id != told(gateway).event_id


def test_a_signature_that_does_not_fit_is_refused(gateway):
    right = body(RESULT)
    sent = {name: text for name, [text] in parse_qs(right.decode(), True).items()}
    wrong = [
        urlencode(sent | {"pg_amount": "1"}),
        urlencode(sent | {"pg_sig": "0" * 32}),
        urlencode(sent | {"pg_sig": sent["pg_sig"].upper()}),
        urlencode({name: text for name, text in sent.items() if name != "pg_sig"}),
        urlencode(sent) + "&pg_result=1",
        urlencode(sent) + "&more=",
        "&".join(reversed(urlencode(sent).split("&"))) + f"&pg_sig={sent['pg_sig']}",
    ]
    for one in wrong:
        with pytest.raises(InvalidSignature):
            gateway.read("result", {}, one.encode())

    assert gateway.read("result", {}, "&".join(reversed(right.decode().split("&"))).encode())


def test_a_notice_to_one_address_does_not_count_at_the_other(gateway):
    for sent, read_as in (("check", "result"), ("result", "check"), ("", "result")):
        with pytest.raises(InvalidSignature):
            gateway.read(read_as, {}, body(RESULT, sent))


def test_what_another_merchant_signed_is_refused(clock):
    other = FreedomPayGateway(replace(ACCOUNT, secret="the other's secret"), clock)
    with pytest.raises(InvalidSignature):
        other.read("result", {}, body(RESULT))


def test_there_is_no_gateway_without_a_secret():
    for missing in ({"secret": ""}, {"merchant_id": ""}):
        with pytest.raises(ValueError, match="go together"):
            replace(ACCOUNT, **missing)


def test_what_names_another_merchant_is_refused(gateway):
    assert told(gateway, pg_merchant_id=MERCHANT)
    with pytest.raises(UnreadableNotice):
        told(gateway, pg_merchant_id="540002")


@pytest.mark.parametrize(
    "changes",
    [
        {"pg_amount": ""},
        {"pg_amount": "-"},
        {"pg_amount": "NaN"},
        {"pg_amount": "1e3"},
        {"pg_amount": "4500,00"},
        {"pg_amount": "4500.001"},
        {"pg_amount": "9" * 13},
        {"pg_amount": "9" * 5000},
        {"pg_currency": ""},
        {"pg_currency": "kzt"},
        {"pg_currency": "XXX"},
        {"pg_payment_id": ""},
        {"pg_payment_id": "1:2"},
        {"pg_payment_id": "1" * 65},
        {"pg_net_amount": "less"},
    ],
)
def test_what_is_signed_and_makes_no_sense_is_refused(gateway, changes):
    with pytest.raises(UnreadableNotice):
        told(gateway, **changes)


def test_a_third_address_means_nothing(gateway):
    with pytest.raises(UnreadableNotice):
        gateway.read("refund", {}, body(RESULT, "refund"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"pg_sig",
        b"pg_sig=%ff",
        b"pg_sig=%ED%A0%80",
        b"{}",
        b"<response/>",
        b"a=b&" * 5000,
        b"pg_sig=" + b"0" * (1 << 20),
    ],
)
def test_what_is_no_form_of_theirs_has_no_signature(gateway, content):
    with pytest.raises(InvalidSignature):
        gateway.read("result", {}, content)


@pytest.mark.parametrize(
    ("verdict", "status"),
    [(Verdict.ACCEPTED, "ok"), (Verdict.REJECTED, "rejected"), (Verdict.FAILED, "error")],
)
def test_an_answer_is_signed_with_the_name_of_our_own_address(gateway, verdict, status):
    content, media_type = gateway.answer("check", verdict, reason="Слот <занят> & продан")

    tree = read(content)
    fields = dict(tree)
    assert media_type == "application/xml"
    assert fields["pg_status"] == status
    assert fields["pg_description"] == "Слот <занят> & продан"
    assert fields["pg_sig"] == sign("check", tree, SECRET)
    assert fields["pg_sig"] != sign("result", tree, SECRET)


def test_an_answer_is_no_notice(gateway):
    tree = read(gateway.answer("result", Verdict.ACCEPTED)[0])

    with pytest.raises(UnreadableNotice):
        gateway.read("result", {}, urlencode(tree).encode())


async def test_their_server_and_ours_understand_each_other(clock):
    """Check, result, and the result again when the answer was lost."""
    async with freedompay_server() as server:
        gateway = FreedomPayGateway(replace(ACCOUNT, api_base=server.address), clock)
        heard: list[Notice] = []
        verdicts = iter([Verdict.ACCEPTED, Verdict.FAILED, Verdict.ACCEPTED])

        async def post(url: str, form: str) -> tuple[int, bytes]:
            target = urlsplit(url).path.rpartition("/")[2]
            heard.append(gateway.read(target, {}, form.encode()))
            return 200, gateway.answer(target, next(verdicts))[0]

        server.post = post
        price = Money(4500_00, "KZT")
        await gateway.begin(Asked(PAYMENT, price, "It", None, "https://a.example/7", None, "en"))

        first = await server.pay(PAYMENT)
        again = await server.deliver(PAYMENT)

    check, result, repeated = heard
    assert (first.fields["pg_status"], again.fields["pg_status"]) == ("error", "ok")
    assert first.is_signed
    assert again.is_signed
    assert check.charge
    assert check.charge.state is ChargeState.OPEN
    assert result.charge == repeated.charge
    assert result.event_id == repeated.event_id
    assert (result.can_reject, repeated.can_reject) == (True, False)


async def test_money_whose_notice_is_rejected_goes_back(clock):
    async with freedompay_server() as server:
        gateway = FreedomPayGateway(replace(ACCOUNT, api_base=server.address), clock)

        async def post(url: str, form: str) -> tuple[int, bytes]:
            target = urlsplit(url).path.rpartition("/")[2]
            verdict = Verdict.ACCEPTED if target == "check" else Verdict.REJECTED
            return 200, gateway.answer(target, verdict, reason="It is sold.")[0]

        server.post = post
        price = Money(4500_00, "KZT")
        begun = await gateway.begin(
            Asked(PAYMENT, price, "It", None, "https://a.example/7", None, "en", capture=False)
        )
        await server.pay(PAYMENT)
        found = await gateway.look(begun.charge)

    assert found
    assert found.state is ChargeState.CANCELLED
