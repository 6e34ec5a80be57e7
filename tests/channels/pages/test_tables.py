"""Questions with the same answers, shown as the rows of a table."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.channels.pages.conftest import Publish
from tests.channels.pages.test_whole import html
from tests.channels.pages.visitor import Visitor
from tests.channels.pages.workbooks import KINDS, TABLES

HEADS = "//div[@class='table']/p[@class='columns']/b/span"


def heads(visitor: Visitor) -> list[str]:
    return [each.text_content() for each in visitor.all(HEADS)]


def test_a_table_list_is_a_table_of_its_questions(visitor: Visitor, publish: Publish) -> None:
    visitor.open(f"/en/q/{publish(TABLES)}").next()
    assert heads(visitor) == ["Never", "Sometimes", "Often", "I do not know"]
    rows = visitor.all("//div[@class='table']/fieldset/legend")
    assert [row.text_content() for row in rows] == ["Sad", "Glad"]
    assert visitor.questions() == {"sad", "glad"}, "pyxform's question of the heads is not asked"


def test_a_head_made_by_hand_says_its_words(visitor: Visitor, publish: Publish) -> None:
    visitor.open(f"/en/q/{publish(TABLES)}").next().next(sad="no")
    assert [each.text_content() for each in visitor.all("//h2[@class='ask']")] == ["Mark what fits"]
    assert len(visitor.all("//div[@class='table']/fieldset")) == 1, "the second depends on the first"


def test_only_the_rows_of_a_table_are_in_it(visitor: Visitor, publish: Publish) -> None:
    visitor.open(f"/en/q/{publish(TABLES)}").next().next(sad="no").next()
    rows = visitor.all("//div[@class='table']/fieldset/legend")
    assert [row.text_content() for row in rows] == ["School", "Street"]
    assert "plain" in visitor.questions()


def test_its_style_is_loaded_only_where_there_is_one(client: FlaskClient, publish: Publish) -> None:
    assert html(client, publish(TABLES), "en").count("table.css") == 1
    assert "table" not in html(client, publish(KINDS), "en").partition("<body>")[0]
