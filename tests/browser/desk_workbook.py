"""The questionnaire on the desk: small, in three languages, with all that pages must mind."""

from __future__ import annotations

from typing import Any

VISIT = "home_visit"
ALMATY = "750000000"

WORKBOOK = """
| survey |
| | type | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) | constraint | relevant | calculation | bind::survey:identity | bind::survey:sensitive | bind::survey:breakdown | bind::survey:household |
| | begin_group | place | Үйдің орны | Место | Place | | | | | | | |
| | select_one region | region | Облыс немесе қала | Область или город | Region or city | | | | | | region | |
| | text | code | Үй шаруашылығының коды | Код домохозяйства | Code of the household | | | | | | | yes |
| | geopoint | gps | Үйдің орналасқан жері | Где стоит дом | Where the house stands | | | | | yes | | |
| | end_group | | | | | | | | | | | |
| | begin_repeat | child | Бала | Ребёнок | Child | | | | | | | |
| | text | name | Баланың аты | Имя ребёнка | Name of the child | | | | yes | | | |
| | integer | age | Баланың жасы | Возраст ребёнка | Age of the child | . >= 0 and . <= 17 | | | | | | |
| | end_repeat | | | | | | | | | | | |
| | select_multiple worry | worries | Сізді не алаңдатады? | Что вас беспокоит? | What worries you? | | | | | yes | | |
| | text | note | Қосымша ескерту | Дополнительное замечание | Further remark | | ${{worries}} != '' | | | | | |
| | image | photo | Аула суреті | Снимок двора | Picture of the yard | | | | | | | |
| | image | portrait | Баланың суреті | Снимок ребёнка | Picture of the child | | | | yes | | | |
| | integer | rooms | Комнаттар немесе бөлмелер саны | Комнаты | Rooms | | | | | | | |
| | calculate | twice | | | | | | ${{rooms}} * 2 | | | | |
| choices |
| | list_name | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) |
| | region | 750000000 | Алматы қаласы | город Алматы | Almaty City |
| | region | 710000000 | Астана қаласы | город Астана | Astana City |
| | worry | heat | Үйдің жылуы | Тепло в доме | Warmth at home |
| | worry | school | Мектеп | Школа | School |
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | Үйге бару / Посещение / Home visit | {id} | {version} | Қазақша (kk) | survey="https://surveyapp.example/xmlns/survey" |
"""


def given(code: str = "012-007", rooms: int = 3, age: int = 7, **files: str) -> dict[str, Any]:
    """Answers to it."""
    return {
        "place": {
            "region": ALMATY,
            "code": code,
            "gps": {"lat": 43.24, "lon": 76.92, "alt": 800.5, "accuracy": 4.0},
        },
        "child": [{"name": "Айша", "age": age}, {"name": None, "age": 12}],
        "worries": ["heat", "school"],
        "note": "Звонить после шести вечера: днём дома никого нет, только бабушка с внуками.",
        "rooms": rooms,
        "twice": str(rooms * 2),
        **files,
    }
