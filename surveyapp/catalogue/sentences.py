"""What each problem is called, and what to do about it; `%(name)s` are the problem's facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Said(NamedTuple):
    """Two sentences: what is wrong, and what to do."""

    what: LazyString
    advice: LazyString


_FILES = {
    "file_type": Said(
        _l("A file that ends in “%(suffix)s” is no workbook"),
        _l("Save the workbook as .xlsx, or write it as .md"),
    ),
    "empty_file": Said(_l("The file is empty"), _l("Save the workbook again and send that file")),
    "file_too_large": Said(
        _l("The file is too large: more than %(megabytes)s MB"),
        _l("Take pictures out of the workbook, and long lists into a file of their own"),
    ),
    "sheet_too_large": Said(
        _l("The sheet is too large: more than %(rows)s rows or %(columns)s columns"),
        _l("Delete what is not needed, or put a long list into a file (select_one_from_file)"),
    ),
    "encrypted": Said(
        _l("The file is protected by a password"), _l("Save the workbook without a password")
    ),
    "other_kind": Said(
        _l("The file's name ends in %(suffix)s, but it is something else: %(found)s"),
        _l("Open the file in Excel or LibreOffice and save it as .xlsx"),
    ),
    "encoding": Said(
        _l("The text of the file is not in UTF-8, from line %(at_line)s on"),
        _l("Save the file with the encoding UTF-8"),
    ),
    "unreadable": Said(
        _l("The file cannot be read as a workbook: %(detail)s"),
        _l("The file may be damaged: open it in Excel or LibreOffice and save it anew"),
    ),
    "too_many_cells": Said(
        _l("The row has more cells than the header"), _l("Write | within a cell as \\|")
    ),
    "bad_character": Said(
        _l("The cell holds a character that cannot be stored: %(character)s"),
        _l("Type the text of this cell anew"),
    ),
    "duplicate_header": Said(
        _l("Two columns have the same header: %(header)s"), _l("Rename or delete one of them")
    ),
    "error_value": Said(
        _l("A formula of the spreadsheet failed here: %(value)s"),
        _l("Mend the formula, or write the text itself into the cell"),
    ),
}

_SHEETS = {
    "missing_sheet": Said(_l("This sheet is missing"), _l("Add a sheet of this name")),
    "empty_sheet": Said(_l("The sheet has no rows"), _l("Write one question into each row")),
    "missing_column": Said(
        _l("This column is missing: %(missing)s"), _l("Write this header into the first row")
    ),
    "bad_column": Said(
        _l("“%(header)s” cannot be the header of a column of choices"),
        _l("A header begins with a letter or _; it holds letters, digits, hyphens, full stops and _"),
    ),
    "header_conflict": Said(
        _l("Two columns mean the same: “%(one)s” and “%(other)s”"),
        _l("Join them into one column, or rename one of them"),
    ),
    "misspelt_column": Said(_l("This column is not known and is ignored"), _l("Is “%(meant)s” meant?")),
    "namespace": Said(
        _l("The columns survey: are used, but not declared"),
        _l("Put this into the namespaces setting: %(declaration)s"),
    ),
    "namespace_address": Said(
        _l("“%(address)s” is no address of a namespace"),
        _l('Write each one as name="https://example.org/name"'),
    ),
    "unknown_extension": Said(_l("There is no such survey: column"), _l("Known are: %(known)s")),
    "extension_value": Said(_l("“%(value)s” cannot stand here"), _l("Allowed is: %(allowed)s")),
    "extension_half": Said(
        _l("This column says nothing without another one"), _l("Fill in this column too: %(missing)s")
    ),
    "choices_header": Said(
        _l("The column “%(header)s” is left out: its header has a blank or is empty"),
        _l("Write the header without blanks if expressions use the column"),
    ),
    "similar_sheet": Said(
        _l("There is no sheet “%(sheet)s”, but one with a similar name: %(found)s"),
        _l("Rename the sheet, or put _ before its name if it is your own"),
    ),
    "form_id_twice": Said(
        _l("form_id and id_string are both filled in"), _l("Keep form_id and delete the other column")
    ),
    "disabled_column": Said(
        _l("The column “disabled” is not part of the standard"),
        _l("Delete the row, or hide it by relevant"),
    ),
    "settings_name": Said(
        _l("The name of the form cannot be used in XML"),
        _l(
            "Use Latin letters, digits and _ in the column name of the settings, beginning with a letter"
        ),
    ),
    "bad_root_name": Said(
        _l("The name in the settings cannot be used in XML"),
        _l("Use Latin letters, digits and _, beginning with a letter, or leave the cell empty"),
    ),
    "instance_id": Said(
        _l("An encrypted form needs its instanceID"), _l("Take out omit_instanceID or public_key")
    ),
}

_TEXTS = {
    "untranslated": Said(
        _l("The text is missing in this language: %(language)s"), _l("Write the translation here")
    ),
    "same_text": Said(
        _l("The text is the same in %(language)s and %(other)s"),
        _l("Translate it, if it is not meant to be the same"),
    ),
    "too_many_languages": Said(
        _l("The workbook declares %(languages)s languages, more than %(limit)s"),
        _l("Check the headers behind ::, each other wording is a language of its own"),
    ),
    "language_twice": Said(
        _l("“%(language)s” and “%(other)s” have the same language code"),
        _l("Write the language the same way in all headers"),
    ),
    "language_code_twice": Said(
        _l("Two translations have the same language code: %(language)s"),
        _l("Give each language a code of its own"),
    ),
    "no_language_code": Said(
        _l("Languages without a code: %(languages)s"),
        _l("Write the code behind the name: Қазақша (kk), Русский (ru), English (en)"),
    ),
    "placeholder_unset": Said(
        _l("Nothing is set for {%(placeholder)s}"),
        _l("Set it in the settings of the server, or write the text itself here"),
    ),
    "placeholder_unknown": Said(
        _l("{%(placeholder)s} is not a placeholder and stays as it stands"),
        _l("An answer is put in by ${name}"),
    ),
    "places_unnamed": Said(
        _l("Regions and districts have no names in this language: %(language)s"),
        _l("Use kk, ru or en, or write the list of places yourself"),
    ),
    "missing_label": Said(
        _l("“%(name)s” has neither label nor hint"), _l("Write what is asked into the column label")
    ),
    "choice_label": Said(
        _l("The choice has no label"), _l("Write what is to be read into the column label")
    ),
    "repeat_label": Said(
        _l("The repeat has no label"),
        _l("Write what is repeated into the column label: it heads every instance"),
    ),
    "big_image": Said(_l("“%(name)s” has a big-image but no image"), _l("Fill in the column image too")),
    "other_untranslated": Said(
        _l("or_other adds the texts “Other” and “Specify other.” in English only"),
        _l("Write a choice and a text question of your own, translated"),
    ),
}

_NAMES = {
    "missing_type": Said(
        _l("The question has no type"), _l("Write its type here, text or integer for instance")
    ),
    "missing_name": Said(
        _l("The name is missing"), _l("Write a name here that is not used yet, in Latin letters")
    ),
    "bad_name": Said(
        _l("“%(name)s” cannot be a name"),
        _l("A name begins with a letter or _ and holds only letters, digits, hyphens, full stops and _"),
    ),
    "duplicate_name": Said(
        _l("The name “%(name)s” is used twice, for the first time in row %(other_row)s"),
        _l("Give this row another name"),
    ),
    "similar_name": Said(
        _l("“%(name)s” differs from “%(other)s” in row %(other_row)s only by large and small letters"),
        _l("Give it another name: some programs take both for the same"),
    ),
    "reserved_name": Said(
        _l("The name “%(name)s” is reserved"), _l("Give the row another name, such as %(name)s_1")
    ),
    "repeat_named_as_root": Said(
        _l("The repeat is named “%(name)s” like the form itself"), _l("Give the repeat another name")
    ),
    "duplicate_repeat": Said(
        _l("Another repeat, in row %(other_row)s, is named “%(name)s” too"),
        _l("Give this repeat another name"),
    ),
    "generated_name": Said(
        _l("The name “%(name)s” is made automatically for row %(other_row)s"),
        _l("Give this row another name"),
    ),
    "unknown_type": Said(
        _l("There is no question type “%(type)s”"),
        _l("Write one of XLSForm's types, text, integer or select_one for instance"),
    ),
    "audit_name": Said(
        _l("A row of the type audit is named “audit”, not “%(name)s”"), _l("Leave the name empty")
    ),
    "duplicate_path": Said(
        _l("This name is used twice in its group"), _l("Give one of the two another name")
    ),
    "row_skipped": Said(
        _l("The row has no type, name or label and is left out"),
        _l("Delete it, or fill in type and name"),
    ),
    "old_metadata": Said(
        _l("Phones since Android 11 no longer tell this: %(type)s"),
        _l("Use deviceid, or ask for what you need"),
    ),
}

_CHOICES = {
    "list_not_named": Said(
        _l("It is not said which list “%(type)s” chooses from"),
        _l("Write the list's name behind it: select_one list_name"),
    ),
    "missing_list": Said(
        _l("The choices sheet has no list “%(list)s”"), _l("Add its choices, or mend the name")
    ),
    "external_list": Said(
        _l("The sheet external_choices has no list “%(list)s”"), _l("Add its choices, or mend the name")
    ),
    "duplicate_choice": Said(
        _l("The list “%(list)s” has the choice “%(name)s” already, in row %(other_row)s"),
        _l("Give this choice another name, or set allow_choice_duplicates to yes"),
    ),
    "blank_in_choice": Said(
        _l("The choice's name “%(name)s” has a blank, but several of its list can be chosen"),
        _l("Write _ instead of the blank: blanks part the names of what was chosen"),
    ),
    "choice_without_list": Said(
        _l("The choice “%(name)s” belongs to no list and is left out"),
        _l("Write its list into the column list_name"),
    ),
    "unused_list": Said(
        _l("No question uses the list “%(list)s” (%(choices)s choices)"),
        _l("Delete the list, or check the names of the lists in the survey sheet"),
    ),
    "other_filter": Said(
        _l("or_other and choice_filter do not go together"),
        _l("Write the choice “other” and a text question of your own"),
    ),
    "choices_none": Said(_l("The question has no choices"), _l("Add its list to the choices sheet")),
    "label_needed": Said(
        _l("A choice has no label, but or_other or a loop needs one"),
        _l("Write a label for each choice of the list, in each language"),
    ),
    "osm_tags": Said(
        _l("The list of an osm question is not on the sheet osm"), _l("Add its tags, or mend the name")
    ),
    "external_filter": Said(
        _l("select_one_external is meant for a list with a choice_filter"),
        _l("Add a choice_filter, or use select_one"),
    ),
    "file_suffix": Said(
        _l("“%(type)s” names no file with choices"), _l("The file's name ends in .csv, .xml or .geojson")
    ),
    "missing_file": Said(
        _l("The file “%(file)s” of the list “%(list)s” is not there"),
        _l("Put the file into the folder of media"),
    ),
    "search_arguments": Said(
        _l("search() cannot be understood: %(source)s"),
        _l("It takes a file in quotes, or also kind, columns and text, or these with column and value"),
    ),
    "media_type": Said(
        _l("“%(file)s” is no kind of file that choices can come from"),
        _l("Save it as .csv, .geojson or .xml"),
    ),
    "media_large": Said(
        _l("The file “%(file)s” is too large: at most %(limit)s bytes"),
        _l("Leave out rows and columns that nothing reads"),
    ),
    "media_rows": Said(
        _l("The file “%(file)s” has more than %(limit)s rows"),
        _l("Leave out rows that nobody is offered"),
    ),
    "media_columns": Said(
        _l("The file “%(file)s” has more than %(limit)s columns"),
        _l("Leave out columns that nothing reads"),
    ),
    "media_encoding": Said(
        _l("The file “%(file)s” is not in UTF-8: byte %(position)s"),
        _l("Save it as CSV UTF-8"),
    ),
    "media_broken": Said(
        _l("The file “%(file)s” cannot be read: %(detail)s"),
        _l("Open it in the program that made it and save it again"),
    ),
    "unbound": Said(
        _l("The question has no place in the form's instance, so its answer would be lost"),
        _l("Add an element of this path to the instance, or take the question out"),
    ),
    "shown_plainly": Said(
        _l("Our pages show the question without “%(appearance)s”"),
        _l("In ODK Collect it works as meant; nothing needs to be done"),
    ),
    "points_by_hand": Said(
        _l("On our pages points of a line or an area are added one by one while walking"),
        _l("In ODK Collect it works as meant; nothing needs to be done"),
    ),
    "not_recorded": Said(
        _l("Our pages do not record “%(kind)s”"),
        _l("In ODK Collect it works as meant; nothing needs to be done"),
    ),
    "of_the_device": Said(
        _l("A web page does not know “%(kind)s”; it stays empty there"),
        _l("In ODK Collect it works as meant; nothing needs to be done"),
    ),
    "last_saved": Said(
        _l("Answers of the last form that was sent are empty on our pages"),
        _l("Do not rely on them; in ODK Collect they are there"),
    ),
    "search_file": Said(
        _l("“%(name)s” chooses from a file and by search() at once"),
        _l("Take out search(), or use select_one with a list"),
    ),
    "search_list": Said(
        _l("The list “%(list)s” is used with search() by “%(name)s” and without it by others"),
        _l("Use another list for the question with search()"),
    ),
    "table_list": Said(
        _l("The questions of a table-list group have different lists"),
        _l("Use one list for all of them, or take out table-list"),
    ),
    "table_list_filter": Said(
        _l("A table-list group cannot have a choice_filter"), _l("Take out one of the two")
    ),
    "loop_list": Said(
        _l("The loop has no list, or one that is not there"),
        _l("Use begin_repeat, or write the list behind: begin_loop over list_name"),
    ),
    "unknown_choice": Said(
        _l("The choices of “%(question)s” have no “%(choice)s”"),
        _l("Write the name of one of its choices, not its label"),
    ),
    "unknown_column": Said(
        _l("The list “%(list)s” has no column “%(column)s”"),
        _l("Add the column to the choices sheet, or mend its name; an answer is written ${name}"),
    ),
    "unknown_path": Said(
        _l("The path “%(path)s” leads to nothing in this questionnaire"),
        _l("Mend it, or write ${name} instead"),
    ),
    "date_format": Said(
        _l("ODK Collect does not know “%(escape)s” in the format of a date and stops at it"),
        _l("Use %(known)s"),
    ),
    "multiple_of_roster": Said(
        _l("The answers within a repeat cannot be the choices of “%(type)s”"),
        _l("Use select_one, or rank"),
    ),
    "choices_not_found": Said(
        _l("The choices cannot be found: %(source)s"),
        _l("Write them as instance('list')/root/item, or as the instances of a repeat"),
    ),
}

_GROUPS = {
    "unmatched_begin": Said(
        _l("This group or repeat is never closed: “%(name)s”"),
        _l("Add a row end_%(kind)s where it ends"),
    ),
    "unmatched_end": Said(
        _l("Nothing is open here that end_%(kind)s could close"),
        _l("Delete this row, or add begin_%(kind)s above"),
    ),
}

_EXPRESSIONS = {
    "unknown_reference": Said(
        _l("There is no question “%(name)s”"), _l("Mend the name, or add the question")
    ),
    "ambiguous_reference": Said(
        _l("More than one question is called “%(name)s”"),
        _l("Give them different names, so that it is clear which is meant"),
    ),
    "malformed_reference": Said(
        _l("This is no reference: %(name)s"), _l("A reference is written ${name}, without blanks")
    ),
    "trigger": Said(
        _l("“%(text)s” cannot trigger anything"), _l("Write one or more references: ${a}, ${b}")
    ),
    "trigger_hidden": Said(
        _l("“%(name)s” is not shown and so cannot trigger anything"),
        _l("Name a question that people answer"),
    ),
    "missing_calculation": Said(
        _l("The calculation of “%(name)s” is missing"),
        _l("Write it into the column calculation, or use the type hidden"),
    ),
    "expression": Said(_l("%(sentence)s: %(excerpt)s"), _l("The mark ▸ shows where it was noticed")),
    "only_ours": Said(
        _l("ODK Collect has no function “%(name)s” and stops at it"),
        _l("Use another function if this form is also to be filled in ODK Collect"),
    ),
    "pattern_forever": Said(
        _l("This pattern of regex() could keep a phone busy for ever: %(pattern)s"),
        _l("Within what is repeated, let each text fit in one way only: (a+)+ is a+"),
    ),
    "own_reference": Said(
        _l("“%(name)s” depends on itself"),
        _l("Take the reference to it out; only a constraint looks at the own answer, by a full stop"),
    ),
    "cycle": Said(_l("These depend on each other: %(cycle)s"), _l("Take one of these references out")),
    "date_as_text": Said(
        _l("A date is compared with a text, which does not work: %(compared)s"),
        _l("Write date('%(text)s'), with the date as YYYY-MM-DD"),
    ),
    "text_ordered": Said(
        _l("Larger and smaller compare numbers, and this is a text: %(compared)s"),
        _l("Compare with a number, or test by = whether it is this text"),
    ),
    "never_relevant": Said(
        _l("“%(name)s” is never shown: its condition is false whatever is answered"),
        _l("Check the column relevant; delete the row if it is not needed"),
    ),
    "never_within": Said(
        _l("“%(name)s” is never shown: its condition contradicts that of a group around it: %(groups)s"),
        _l("Check the column relevant here and in those groups"),
    ),
    "never_kept": Said(
        _l("No answer to “%(name)s” can keep its constraint"),
        _l("Check the column constraint: “and” asks for both, “or” for one of them"),
    ),
    "instance_twice": Said(
        _l("Two different lists or files have the name “%(name)s”"), _l("Rename one of them")
    ),
    "background_calculation": Said(
        _l("A background-geopoint cannot have a calculation"), _l("Empty the column calculation")
    ),
    "background_trigger": Said(
        _l("A background-geopoint needs a trigger"),
        _l("Write into the column trigger after which answer the place is taken: ${name}"),
    ),
}

_PARAMETERS = {
    "parameters": Said(
        _l("The parameters cannot be understood"), _l("Write them as key=value key=value")
    ),
    "unknown_parameter": Said(
        _l("This type has no parameter “%(rejected)s”"), _l("Known are: %(accepted)s")
    ),
    "parameter_number": Said(_l("“%(name)s” is a number"), _l("Write digits only: %(name)s=5")),
    "parameter_zero": Said(_l("“%(name)s” cannot be 0"), _l("Write a number above 0")),
    "parameter_large": Said(
        _l("“%(name)s” is larger than the whole range"), _l("Write a number below end - start")
    ),
    "parameter_multiple": Said(
        _l("“%(name)s” is no multiple of the step"), _l("Write a multiple of step")
    ),
    "parameter_range": Said(
        _l("“%(name)s” lies outside the range"), _l("Write a number from start to end")
    ),
    "parameter_list": Said(
        _l("The list in tick_labelset is not there"), _l("Write the name of a list of the choices sheet")
    ),
    "parameter_appearance": Said(
        _l("tick_interval, placeholder and tick_labelset do not go with this appearance"),
        _l("Use the appearance vertical or no-ticks, or none"),
    ),
    "tick_choices": Said(
        _l("The choices in tick_labelset do not fit the range"),
        _l("Their names are numbers from start to end, in steps; with no-ticks only the two ends"),
    ),
    "incremental": Said(
        _l("“incremental” can only be true"), _l("Write incremental=true, or leave it out")
    ),
    "reference_geometry": Said(
        _l("“reference-geometry” names nothing that is there"),
        _l("Name a list, a file without its ending, or a repeat as ${name}"),
    ),
    "parameter_boolean": Said(_l("“%(name)s” is true or false"), _l("Write %(name)s=true")),
    "parameter_words": Said(
        _l("This value of “%(name)s” is not known"), _l("See what XLSForm allows here: %(words)s")
    ),
    "audit_location": Said(
        _l("The places of an audit are not fully described"),
        _l(
            "Give location-priority, location-min-interval and location-max-age; the last is the largest"
        ),
    ),
    "seed": Said(
        _l("The seed cannot be used"),
        _l("Write randomize=true seed=5, or a reference to a question as the seed"),
    ),
    "package": Said(_l("The name of the Android program is wrong"), _l("It looks like org.example.app")),
    "image_size": Said(
        _l("The pictures are sent as large as the camera makes them"),
        _l("Write max-pixels=1024 into the parameters, to save time and money of the network"),
    ),
}

_ENTITIES = {
    "entity": Said(
        _l("Something is wrong with the entities: %(message)s"), _l("See the sheet entities")
    ),
    "entity_name": Said(
        _l("This name cannot be used for entities"),
        _l("Not name or label, no full stop, not beginning with __, and each list once"),
    ),
    "entity_columns": Said(
        _l("The sheet entities has columns that are not known: %(columns)s"),
        _l("Mend the headers, or delete these columns"),
    ),
}

_XFORMS = {
    "xform_too_large": Said(
        _l("The XForm is too large: at most %(limit)s bytes"),
        _l("Move long lists of choices into files of their own"),
    ),
    "xform_too_deep": Said(
        _l("The XForm is nested too deeply: at most %(limit)s levels"), _l("Take out some of the groups")
    ),
    "not_xml": Said(
        _l("The XForm is no XML: line %(line)s, column %(column)s"),
        _l("Make the form anew with the program that it comes from"),
    ),
    "doctype": Said(_l("An XForm must not have a DOCTYPE"), _l("Take the line <!DOCTYPE …> out")),
    "not_xform": Said(
        _l("This is no XForm: <%(element)s> is missing"),
        _l("Make the form anew with the program that it comes from"),
    ),
    "missing_text": Said(
        _l("The text “%(text)s” is missing in the default language: %(language)s"),
        _l("Add it to the <translation> of this language"),
    ),
    "setvalue_target": Said(
        _l("setvalue sets something that the form's instance has no element for"),
        _l("Add an element of this path to the instance, or take the setvalue out"),
    ),
    "no_form_id": Said(
        _l("The form_id is missing"), _l("Give the first element within <instance> an attribute id")
    ),
    "extension_attribute": Said(
        _l("“%(value)s” cannot stand here"), _l("See which values this survey: attribute has")
    ),
}

_REST = {
    "heavy_page": Said(
        _l("The page is heavy for a cheap phone: %(page)s KiB, at most %(budget)s KiB are meant"),
        _l("Shorten texts, or part the questionnaire in two"),
    ),
    "large_list": Said(
        _l("The list “%(list)s” has %(rows)s choices; above %(limit)s they are loaded on demand"),
        _l("Filter it by choice_filter, so that nobody looks through it"),
    ),
    "pyxform": Said(
        _l("The converter says: %(message)s"), _l("Mend what it names; the sentence is pyxform's own")
    ),
    "pyxform_doubt": Said(
        _l("The converter remarks: %(message)s"), _l("Look whether that is meant; it hinders nothing")
    ),
}

#: code → sentences
SENTENCES: Mapping[str, Said] = {
    **_FILES,
    **_SHEETS,
    **_TEXTS,
    **_NAMES,
    **_CHOICES,
    **_GROUPS,
    **_EXPRESSIONS,
    **_PARAMETERS,
    **_ENTITIES,
    **_XFORMS,
    **_REST,
}
