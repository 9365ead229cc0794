"""The signature of FreedomPay, and the XML it travels in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.payments.freedompay_signing import Tag, is_signed, signature, signed
from app.integrations.payments.freedompay_xml import Unusable, read_xml, written_xml
from tests.fakes import freedompay_wire as theirs
from tests.fakes.freedompay import INSTEAD

PUBLISHED = b"""<?xml version="1.0" encoding="utf-8"?>
<request>
  <pg_salt>9imM909TH820jwk387</pg_salt>
  <pg_t_param>value3</pg_t_param>
  <pg_a_param>value1</pg_a_param>
  <pg_a_param>value2</pg_a_param>
  <pg_z_param>
    <pg_q_subparam>subvalue2</pg_q_subparam>
    <pg_a_subparam>subvalue1</pg_a_subparam>
  </pg_z_param>
</request>"""


def test_the_published_vector_comes_out():
    tags = read_xml(PUBLISHED)

    assert signature("script.php", tags, "mypasskey") == "a8a4d5a9188f24038a14a4d65c387bf7"


def test_the_salt_is_new_each_time_and_the_signature_fits():
    one = signed("init_payment.php", {"pg_amount": "10.00"}, "key")
    another = signed("init_payment.php", {"pg_amount": "10.00"}, "key")

    assert one["pg_salt"] != another["pg_salt"]
    assert is_signed("init_payment.php", [Tag(*pair) for pair in one.items()], "key")


def fields(**changes: str) -> list[Tag]:
    right = signed("result", {"pg_amount": "10.00", "pg_order_id": "7"}, "key")
    return [Tag(name, text) for name, text in (right | changes).items()]


def test_a_signature_fits_one_script_one_secret_and_these_values():
    assert is_signed("result", fields(), "key")
    assert not is_signed("check", fields(), "key")
    assert not is_signed("result", fields(), "kez")
    assert not is_signed("result", fields(pg_amount="10.0"), "key")
    assert not is_signed("result", fields(pg_more=""), "key")


@pytest.mark.parametrize("given", ["", "0" * 32, "é" * 32])
def test_another_signature_does_not_fit(given):
    assert not is_signed("result", fields(pg_sig=given), "key")


def test_neither_none_nor_two_signatures_fit():
    [*rest, own] = fields()

    assert own.name == "pg_sig"
    assert not is_signed("result", rest, "key")
    assert not is_signed("result", [*rest, own, own], "key")
    assert not is_signed("result", [*rest, Tag("within", "", (own,))], "key")


def test_only_lower_case_hex_fits():
    [*rest, own] = fields()

    assert not is_signed("result", [*rest, Tag("pg_sig", own.text.upper())], "key")


NAMES = st.sampled_from(["pg_a", "pg_a_b", "pg_b", "pg_refund", "pg_z", "clearing", "pg_sig"])
TEXTS = st.text("ab;&<>éж \n", max_size=5)
TREES = st.recursive(
    st.lists(st.tuples(NAMES, TEXTS), max_size=6),
    lambda inner: st.lists(st.tuples(NAMES, TEXTS | inner.filter(bool)), max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_a_tree_is_signed_as_their_own_code_signs_it(tree):
    tags = read_xml(theirs.xml(tree).encode())

    assert signature("s.php", tags, "key") == theirs.sign("s.php", tree, "key")


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=20)))
def test_what_is_written_can_be_read(texts):
    tags = read_xml(written_xml(texts))

    assert {tag.name for tag in tags} == set(texts)


def test_what_xml_has_signs_for_is_kept():
    told = {"pg_description": "Слот <занят> & продан\t😀"}

    assert {tag.name: tag.text for tag in read_xml(written_xml(told))} == told


@pytest.mark.parametrize("name", INSTEAD)
def test_what_is_no_plain_xml_is_refused(name):
    with pytest.raises(Unusable):
        read_xml(INSTEAD[name].encode())


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff",
        b"<a>\xff</a>",
        b"<a>&unknown;</a>",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>',
        b"<!DOCTYPE a><a/>",
        b"<a/><b/>",
    ],
)
def test_what_is_odd_is_refused(content):
    with pytest.raises(Unusable):
        read_xml(content)


def test_cdata_comments_and_blanks_do_no_harm():
    [tag] = read_xml(b"<r><!-- c --><a> <![CDATA[1 & 2]]> </a></r>")

    assert tag == Tag("a", " 1 & 2 ")
