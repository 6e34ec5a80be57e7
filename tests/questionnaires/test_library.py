"""The built-in questionnaires carry what was agreed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pyxform.xls2json_backends import md_to_dict  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires import library
from surveyapp.questionnaires.translations import declared_languages, missing_translations
from surveyapp.questionnaires.workbook import Header, Workbook
from surveyapp.questionnaires.workbook_files import read_workbook
from surveyapp.questionnaires.xlsform import odk_validate
from tests.oracle import require_java
from tests.questionnaires.compiled import SURVEY, built_in, xform_of

#: Questionnaire → section → what it asks, in order; notes count as asked here.
ASKED = {
    "household_baseline": {
        "visit": "a_region a_district a_area a_hhcode a_gps a_visit",
        "consent": "a_note a_consent a_private",
        "household": "h_size h_children h_role h_lang h_rooms h_water h_toilet h_net h_assets h_money "
        "h_aid",
        "child": "c_name c_sex c_age c_parents c_vacc c_play c_alone c_presch c_preschwhy c_school "
        "c_schoolwhy c_absent c_health c_care f_see f_hear f_walk f_comm f_learn f_behav f_self f_emo "
        "c_support c_work",
        "needs": "d_warm d_fruit d_protein d_books d_desk d_club d_trip d_party",
        "parenting": "x_disc x_belief",
        "services": "s_clinic s_street s_help s_111",
        "close": "z_leaflet z_concern z_concernnote",
    },
    "family_survey": {
        "start": "b_note b_consent",
        "about": "b_region b_area b_age b_sex b_role b_limit",
        "life": "b_life b_health b_place b_safe b_talk b_time",
        "home": "b_stress b_disc b_money",
        "online": "b_bully b_online b_netrisk",
        "help": "b_need b_barrier b_friend b_111 b_wish",
    },
    "adolescent_selfreport": {
        "start": "t_code t_note t_assent",
        "about": "t_age t_sex t_region t_area t_study t_limit",
        "life": "t_life t_s_family t_s_friends t_s_school t_s_health t_s_time t_s_place",
        "feel": "t_f_fun t_f_sleep t_f_cope t_f_alone t_f_worry",
        "school": "t_c_fair t_c_belong t_c_adult t_safe_school",
        "safety": "t_safe_home t_safe_street t_bullynote t_bully t_cyber t_told t_hurt",
        "online": "t_hours t_netrisk t_netskill",
        "home": "t_food t_voice",
        "help": "t_trust t_111 t_help t_contact",
    },
    "site_safety": {
        "site": "k_region k_district k_area k_type k_code k_date k_children",
        "building": "p_fence p_cctv p_alarm p_exit p_drill p_road p_toilet p_wash p_water p_heat "
        "p_access",
        "protection": "q_psych q_focal q_check q_111 q_rules q_complain q_log q_train q_aid q_filter",
        "end": "k_urgent k_action k_photo",
    },
}
QUESTIONS = {
    "household_baseline": 60,
    "family_survey": 24,
    "adolescent_selfreport": 39,
    "site_safety": 31,
}
DERIVED = {
    "household_baseline": {"c_fd", "x_seed", "x_n", "x_pick", "x_child", "z_concern_amber"},
    "family_survey": set(),
    "adolescent_selfreport": {"cfg_sensitive", "t_help_amber"},
    "site_safety": set(),
}
#: What must be answered; consent promises that all the rest may be skipped.
REQUIRED = {
    "household_baseline": "a_region a_district a_area a_hhcode a_visit a_consent a_private h_size "
    "h_children c_name c_sex c_age",
    "family_survey": "b_consent b_region b_area b_age b_sex",
    "adolescent_selfreport": "t_code t_assent t_age t_region t_area t_study",
    "site_safety": "k_region k_district k_area k_type k_code k_date k_children p_fence p_cctv p_alarm "
    "p_exit p_drill p_road p_toilet p_wash p_water p_heat p_access q_psych q_focal q_check q_111 "
    "q_rules q_complain q_log q_train q_aid q_filter k_urgent",
}
#: What may be left empty without being asked about it.
NEITHER_REQUIRED_NOR_ASKED_AGAIN = {
    "household_baseline": "a_note a_gps c_alone c_absent c_work z_concernnote",
    "family_survey": "b_note b_wish",
}
IDENTITY = {
    "household_baseline": "a_gps c_name x_child z_concernnote",
    "family_survey": "b_wish",
    "adolescent_selfreport": "t_code t_contact",
    "site_safety": "",
}
SENSITIVE = {
    "household_baseline": "c_alone c_work x_disc x_belief z_concern z_concern_amber z_concernnote",
    "family_survey": "b_stress b_disc b_bully b_netrisk",
    "adolescent_selfreport": "t_f_fun t_f_sleep t_f_cope t_f_alone t_f_worry t_safe_home t_safe_street "
    "t_bully t_cyber t_told t_hurt t_netrisk t_food t_help t_help_amber",
    "site_safety": "",
}
BREAKDOWNS = {
    "household_baseline": {
        "region": "a_region",
        "area": "a_area",
        "sex": "c_sex",
        "age": "c_age",
        "disability": "c_fd",
        "wealth": "h_assets h_money",
    },
    "family_survey": {
        "region": "b_region",
        "area": "b_area",
        "sex": "b_sex",
        "age": "b_age",
        "disability": "b_limit",
        "wealth": "b_money",
    },
    "adolescent_selfreport": {
        "region": "t_region",
        "area": "t_area",
        "sex": "t_sex",
        "age": "t_age",
        "disability": "t_limit",
        "wealth": "",
    },
    "site_safety": {"region": "k_region", "area": "k_area", "sex": "", "age": "", "disability": ""},
}
READ_BY_A_PERSON = {"z_concernnote", "b_wish", "k_action"}
CRITICAL = {"p_fence", "p_exit", "p_toilet", "q_focal", "q_check"}
SCALES = {
    "family_survey": {"b_life"},
    "adolescent_selfreport": {
        "t_life",
        "t_s_family",
        "t_s_friends",
        "t_s_school",
        "t_s_health",
        "t_s_time",
        "t_s_place",
    },
}
IDS = tuple(built_in.id for built_in in library.BUILT_IN)
each_questionnaire = pytest.mark.parametrize("questionnaire_id", IDS)


@pytest.fixture
def workbook(questionnaire_id: str) -> Workbook:
    """The workbook under test as its author wrote it."""
    return read_workbook(library.workbook(questionnaire_id), f"{questionnaire_id}.md")


# --- what is asked ------------------------------------------------------------------------------


@each_questionnaire
def test_every_section_asks_what_was_agreed_in_that_order(
    workbook: Workbook, questionnaire_id: str
) -> None:
    sections: dict[str, list[str]] = {}
    section = ""
    for row in workbook.sheet("survey").rows:
        if row["type"].startswith("begin_"):
            section = row["name"]
        elif section and not row["type"].startswith(("end_", "calculate")):
            sections.setdefault(section, []).append(row["name"])
    assert {name: " ".join(names) for name, names in sections.items()} == ASKED[questionnaire_id]


@each_questionnaire
def test_the_number_of_questions_is_the_agreed_one(workbook: Workbook, questionnaire_id: str) -> None:
    names = " ".join(ASKED[questionnaire_id].values()).split()
    notes = {row["name"] for row in workbook.sheet("survey").rows if row["type"] == "note"}
    assert len([name for name in names if name not in notes]) == QUESTIONS[questionnaire_id]


@each_questionnaire
def test_nothing_is_derived_but_what_was_agreed(workbook: Workbook, questionnaire_id: str) -> None:
    rows = workbook.sheet("survey").rows
    assert {row["name"] for row in rows if row["type"] == "calculate"} == DERIVED[questionnaire_id]


@each_questionnaire
def test_times_of_beginning_and_end_are_recorded(workbook: Workbook) -> None:
    types = [(row["type"], row["name"]) for row in workbook.sheet("survey").rows[:2]]
    assert types == [("start", "started_at"), ("end", "finished_at")]


@each_questionnaire
def test_what_must_be_answered_is_what_consent_leaves(questionnaire_id: str) -> None:
    assert xform_of(questionnaire_id).required() == set(REQUIRED[questionnaire_id].split())


@pytest.mark.parametrize("questionnaire_id", NEITHER_REQUIRED_NOR_ASKED_AGAIN)
def test_every_other_question_asks_once_more_when_left_empty(questionnaire_id: str) -> None:
    asked = set(" ".join(ASKED[questionnaire_id].values()).split())
    free = set(NEITHER_REQUIRED_NOR_ASKED_AGAIN[questionnaire_id].split())
    softly = xform_of(questionnaire_id).with_attribute("warning", ". = ''")
    assert softly == asked - free - set(REQUIRED[questionnaire_id].split())


@pytest.mark.parametrize("questionnaire_id", ["adolescent_selfreport", "site_safety"])
def test_adolescents_and_checklists_are_not_asked_again(questionnaire_id: str) -> None:
    assert xform_of(questionnaire_id).with_attribute("warning") == set()


# --- protection ---------------------------------------------------------------------------------


@each_questionnaire
def test_identity_is_marked(questionnaire_id: str) -> None:
    assert xform_of(questionnaire_id).with_attribute("identity") == set(
        IDENTITY[questionnaire_id].split()
    )


@each_questionnaire
def test_sensitive_questions_are_marked(questionnaire_id: str) -> None:
    assert xform_of(questionnaire_id).with_attribute("sensitive") == set(
        SENSITIVE[questionnaire_id].split()
    )


@each_questionnaire
def test_a_sensitive_question_can_be_left_or_refused(questionnaire_id: str) -> None:
    assert not set(SENSITIVE[questionnaire_id].split()) & xform_of(questionnaire_id).required()


def test_a_place_is_coarsened_to_a_kilometre() -> None:
    assert xform_of("household_baseline").bind("a_gps")[SURVEY + "coarsen"] == "1000"


def test_the_invitation_code_is_marked_to_be_cut_out() -> None:
    marked = {name for each in IDS for name in xform_of(each).with_attribute("invitation")}
    assert marked == {"t_code"}


def test_free_text_that_may_disclose_danger_is_read_by_a_person() -> None:
    assert {
        name for each in IDS for name in xform_of(each).with_attribute("reading")
    } == READ_BY_A_PERSON


def test_critical_items_are_marked() -> None:
    assert {name for each in IDS for name in xform_of(each).with_attribute("critical")} == CRITICAL


@each_questionnaire
def test_breakdowns_are_fed(questionnaire_id: str) -> None:
    form = xform_of(questionnaire_id)
    expected = BREAKDOWNS[questionnaire_id]
    fed = {name: form.with_attribute("breakdown", name) for name in expected}
    assert fed == {name: set(names.split()) for name, names in expected.items()}


# --- what the first row says ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("questionnaire_id", "audience", "minutes"),
    [
        ("household_baseline", "field", "30–35"),
        ("family_survey", "family", "6–8"),
        ("adolescent_selfreport", "adolescent", "10–12"),
        ("site_safety", "field", "20–25"),
    ],
)
def test_the_first_row_says_for_whom_and_how_long(
    questionnaire_id: str, audience: str, minutes: str
) -> None:
    bind = xform_of(questionnaire_id).bind("started_at")
    assert (bind[SURVEY + "audience"], bind[SURVEY + "minutes"]) == (audience, minutes)
    assert all(bind[f"{SURVEY}title_{language}"] for language in ("kk", "ru", "en"))


def test_the_parents_permission_goes_with_the_version_it_was_given_for() -> None:
    bind = xform_of("adolescent_selfreport").bind("started_at")
    assert bind[SURVEY + "permission_ru"].startswith("Разрешаете ли вы ребёнку")


# --- wording ------------------------------------------------------------------------------------


@each_questionnaire
def test_every_wording_is_there_in_three_languages(workbook: Workbook) -> None:
    assert declared_languages(workbook) == ("Қазақша (kk)", "Русский (ru)", "English (en)")
    assert missing_translations(workbook) == []


@each_questionnaire
def test_what_is_shown_has_a_label(workbook: Workbook) -> None:
    silent = ("start", "end", "calculate", "end_group", "end_repeat")
    labels = [column for column in workbook.sheet("survey").columns if column.startswith("label::")]
    for row in workbook.sheet("survey").rows:
        assert row["type"] in silent or len([c for c in labels if c in row]) == 3, row["name"]


@each_questionnaire
def test_no_word_mixes_latin_and_cyrillic_letters(workbook: Workbook) -> None:
    words = [word for text in _wordings(workbook) for word in re.findall(r"[^\W\d_]+", text)]
    assert len(words) > 500
    assert [word for word in words if re.search("[A-Za-z]", word) and re.search("[Ѐ-ӿ]", word)] == []


@each_questionnaire
def test_no_wording_is_in_another_languages_letters(workbook: Workbook) -> None:
    for sheet in (workbook.sheet("survey"), workbook.sheet("choices")):
        for column in sheet.columns:
            foreign = {"en": "[Ѐ-ӿ]", "ru": "[ӘәҒғҚқҢңӨөҰұҮүҺһІі]"}.get(
                Header.parse(column).language_code or ""
            )
            texts = [row[column] for row in sheet.rows if foreign and column in row]
            assert [text for text in texts if re.search(foreign or "", text)] == []


def _wordings(workbook: Workbook) -> Iterator[str]:
    for sheet in (workbook.sheet("survey"), workbook.sheet("choices")):
        for column in (column for column in sheet.columns if Header.parse(column).language):
            yield from (row[column] for row in sheet.rows if column in row)


@pytest.mark.parametrize(
    ("questionnaire_id", "note"),
    [
        ("household_baseline", "consent/a_note"),
        ("family_survey", "start/b_note"),
        ("adolescent_selfreport", "start/t_note"),
    ],
)
def test_consent_names_the_operator_in_the_fold_out(questionnaire_id: str, note: str) -> None:
    details = xform_of(questionnaire_id).texts[f"/data/{note}:hint"]["ru"].splitlines()
    assert details[0] == "Кто собирает данные: Пробная организация, БИН 000000000000"
    assert details[-1].endswith("+7 700 000 00 00")
    assert len(details) == 8


@each_questionnaire
def test_no_placeholder_is_left(questionnaire_id: str) -> None:
    texts = xform_of(questionnaire_id).texts.values()
    assert not [
        text for wordings in texts for text in wordings.values() if re.search(r"\{[a-z_]+\}", text)
    ]


@pytest.mark.parametrize(
    ("questionnaire_id", "name", "kind", "russian"),
    [
        ("household_baseline", "h_size", "constraintMsg", "Нужно число от 2 до 30"),
        (
            "household_baseline",
            "a_hhcode",
            "constraintMsg",
            "Неверный код. Нужно проверить и ввести снова.",
        ),
        ("household_baseline", "c_play", "constraintMsg", "Этот ответ нельзя выбрать вместе с другими"),
        ("site_safety", "k_date", "constraintMsg", "Дата не может быть позже сегодняшней"),
        ("family_survey", "b_age", "requiredMsg", "Ответьте на этот вопрос"),
        ("adolescent_selfreport", "t_age", "requiredMsg", "Ответь, пожалуйста, на этот вопрос"),
    ],
)
def test_a_rule_says_what_is_wrong(questionnaire_id: str, name: str, kind: str, russian: str) -> None:
    assert xform_of(questionnaire_id).message(name, kind)["ru"] == russian


@pytest.mark.parametrize("questionnaire_id", SCALES)
def test_scales_ask_for_their_own_appearance(questionnaire_id: str) -> None:
    assert xform_of(questionnaire_id).with_appearance("scale") == SCALES[questionnaire_id]


# --- how it is written --------------------------------------------------------------------------


@each_questionnaire
def test_other_xlsform_tools_read_the_same_rows(workbook: Workbook, questionnaire_id: str) -> None:
    theirs = md_to_dict(library.workbook(questionnaire_id))
    for name in ("survey", "choices", "settings"):
        rows = [
            {c: v.replace("\n", "<br>") for c, v in row.items()} for row in workbook.sheet(name).rows
        ]
        assert rows == theirs[name]


def test_an_id_that_is_not_built_in_is_refused() -> None:
    with pytest.raises(KeyError):
        library.workbook("../geography.csv")


@pytest.mark.java
@each_questionnaire
def test_odk_validate_accepts_the_xform(questionnaire_id: str) -> None:
    require_java()
    assert odk_validate(built_in(questionnaire_id).xform) == []
