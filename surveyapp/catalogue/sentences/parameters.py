"""The column parameters."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.sentences.said import Said

PARAMETERS: Mapping[str, Said] = {
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
