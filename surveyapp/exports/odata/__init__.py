"""A questionnaire's tables as an OData 4.0 service, which Excel and Power BI read (docs/exports.md).

`model` makes entity sets of the plan of an export, and the XML that describes them; `filtering` reads
`$filter`; `asking` the other options; `paging` reads a page. The views are in `channels.api.odata`.
"""
