"""Taking answers out: one reader, many writers (docs/decisions/0010).

`plan` makes columns of every version's definition, `reader` streams submissions, a format of `formats`
turns them into bytes, `package` wraps a format's files into a `.zip`; `service.export` joins them.
"""
