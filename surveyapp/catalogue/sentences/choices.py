"""Lists of choices, and the files that they come from."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.sentences.said import Said

CHOICES: Mapping[str, Said] = {
    "list_not_named": Said(
        _l("It is not said which list “%(type)s” chooses from"),
        _l("Write the list's name behind it: select_one list_name"),
    ),
    "multiple_of_roster": Said(
        _l("The answers within a repeat cannot be the choices of “%(type)s”"),
        _l("Use select_one, or rank"),
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
        _l("No question uses the list “%(list)s”, choices: %(choices)s"),
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
    "media_column_twice": Said(
        _l("The column “%(column)s” stands twice in the file “%(file)s”; ODK Collect does not open it"),
        _l("Give each column a name of its own, and take empty ones out"),
    ),
    "media_json": Said(
        _l("The file “%(file)s” is no JSON from line %(line)s on"),
        _l("Save it as GeoJSON once more in the program that made it"),
    ),
    "media_geojson": Said(
        _l("The file “%(file)s” is no GeoJSON that choices can be read from"),
        _l("It must be a FeatureCollection, whose features are the choices"),
    ),
    "media_feature": Said(
        _l("Feature %(number)s of the file “%(file)s” has no point, line or area"),
        _l("Give it a geometry of type Point, LineString or Polygon, or take it out"),
    ),
    "media_xml": Said(
        _l("The file “%(file)s” is no XML that can be read"),
        _l("Open it in a browser: it shows where the first mistake is"),
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
        _l(
            "Our pages record a line or an area while somebody walks; on the stepwise pages, without"
            " scripts or on a shared phone, its points are typed"
        ),
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
    "choices_not_found": Said(
        _l("The choices cannot be found: %(source)s"),
        _l("Write them as instance('list')/root/item, or as the instances of a repeat"),
    ),
}
