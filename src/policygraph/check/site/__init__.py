"""Check a published site: its pages, data, catalogue record and downloads, and the server that answers.

`inspect()` reads a folder or a web address that `policygraph publish` wrote, follows its links, and returns a
`SiteReport` of findings, each with the rule it breaks and the fix. Nothing that is read is trusted.

- `inspect`: choose what to read, run the checks, ask the server for each format.
- `report`: the rules, and `Crawl`, the state of one inspection, with its findings.
- `fetch`: read a folder or a web address, within limits.
- `pages`: parse HTML; check links, licences, alternates and Signposting.
- `data`: check RDF, JSON, XML and CSV documents, and RO-Crates.
- `record`: check the DCAT and VoID record, dumps, checksums, sitemap.
"""
