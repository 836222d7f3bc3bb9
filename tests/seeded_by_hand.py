"""Mistakes that people make in rule files, each an edit of the shipped ruleset, with the problem it must make.

`(file, after, text, edits)`: the first place of `text` behind `after` becomes each edit's text in turn, in
which `«…»` marks the very word that the problem must point at (without marks: any place in that file).
An edit goes on with the code and a part of the hint, or of the message where there is no hint.
In the place of `THANKED` stands what an edit says of a message, beside what was there.
"""

from __future__ import annotations

RULESET = "ruleset.yaml"
ON_THE_DAY = "rules/01-on-the-day.yaml"
THANK_YOU = "rules/02-thank-you.yaml"
FOLLOWING_UP = "rules/03-following-up.yaml"
RIGHT_AFTER = "rules/04-right-after.yaml"
LEFT_ALONE = "rules/05-better-left-alone.yaml"
SEARCH = "rules/06-the-search-goes-on.yaml"

THANKED = "you_thanked"

Edit = tuple[str, str, str] | tuple[str, str, str, str]

EDITS: list[tuple[str, str, str, list[Edit]]] = [
    (
        RULESET,
        "patience:",
        "default: 1 week",
        [
            ("default: «7»", "wrong-type", "write a number and a unit in words,"),
            ("default: «7days ago»", "bad-duration", "`7days ago` is no duration; write a"),
            ("default: «7 dayz»", "bad-duration", "`dayz` in `7 dayz` is no unit of time;"),
            ("default: «{days: 7}»", "wrong-type", "write `7 days`"),
            ("default: «-7 days»", "bad-duration", "`-7 days` is negative; write it without"),
            ("default: «500 years»", "bad-duration", "`500 years` is longer than a hundred"),
            ("default: «0 days»", "bad-duration", "`0 days` is no time at all; write a"),
            ("default: «1d»", "bad-duration", "`d` in `1d` is no unit of time; write"),
        ],
    ),
    (
        RULESET,
        "thank_you_words:",
        "default: 150",
        [
            ('default: «"150"»', "wrong-type", "write a whole number without quotes"),
            ("default: «150 words»", "wrong-type", "write a whole number without quotes"),
            ("default: «1.5»", "wrong-type", "write a whole number without quotes"),
            ("default: «15000»", "out-of-range", "`thank_you_words` must be at most 1000."),
            ("default: «yes»", "wrong-type", "write a whole number without quotes"),
        ],
    ),
    (
        RULESET,
        "thank_you_words:",
        "minimum: 20",
        [
            ("minimum: «2000»", "empty-range", "let `minimum` be the smaller one"),
        ],
    ),
    (
        RULESET,
        "",
        "version: 1.0.0",
        [
            ("version: «1.0»", "wrong-type", "write three numbers, such as `1.0.0`"),
            ('version: «"1.0"»', "bad-format", "write three numbers, such as `1.0.0`"),
            ("version: «2026-03-02»", "bad-format", "write three numbers, such as `1.0.0`"),
            ("version: 1.0.0\n«version»: 1.0.0", "duplicate-key", "remove one of them"),
        ],
    ),
    (
        RULESET,
        "",
        "timezone: UTC",
        [
            ("timezone: «Perth»", "unknown-zone", "write an IANA name, such as"),
            ("timezone: «Europe/Munich»", "unknown-zone", "write an IANA name, such as"),
            ("timezone: «Australia/Pert»", "unknown-zone", "did you mean `Australia/Perth`?"),
        ],
    ),
    (
        RULESET,
        "",
        "days: calendar",
        [
            (
                "days: business\n  holidays: «AU-WX»",
                "unknown-holidays",
                "`AU` exists, but it has no such region",
            ),
            (
                "days: business\n  weekend: [«saturday», sun]",
                "not-allowed",
                "the days are `mon`, `tue`, `wed`,",
            ),
            ("days: «working»", "not-allowed", "one of: `business`, `calendar`"),
        ],
    ),
    (
        RULESET,
        "",
        "schema: afterword/1",
        [
            ("schema: «afterword/2»", "not-allowed", "did you mean `afterword/1`?"),
        ],
    ),
    (
        RULESET,
        "",
        'requires_engine: ">=0.1"',
        [
            ("requires_engine: «0.1»", "wrong-type", "write a range of versions in quotes,"),
            ('requires_engine: «">=99"»', "wrong-engine", "install that version of afterword, or"),
        ],
    ),
    (
        RULESET,
        "offer.received:",
        "answer_by: {type: date",
        [
            ("answer_by: {type: «day»", "not-allowed", "did you mean `date`?"),
        ],
    ),
    (
        RULESET,
        "",
        "opened_by: [interview.scheduled",
        [
            ("opened_by: [rejection.received", "case-opens-and-closes", "remove it from one of the two"),
        ],
    ),
    (
        RULESET,
        "",
        "params:\n",
        [
            (
                "params:\n  «spare»: {type: string, default: x}\n",
                "unused-name",
                "write `$spare`, or remove it",
            ),
            ("params:\n  job_words: {type: string, default: x}\n", "duplicate-name", "rename one of them"),
            ("params:\n  patience_2: «7 days»\n", "wrong-type", "write `{type: duration, default: 7"),
            ("params:\n  patience_2: «[7 days]»\n", "wrong-type", "write `{type: duration, default: 7"),
        ],
    ),
    (
        RULESET,
        "",
        "lists:\n",
        [
            ("lists:\n  «spare»: [x]\n", "unused-name", "write `$spare`, or remove it"),
            ("lists:\n  «my words»: [x]\n", "bad-format", "a list's name is a word of letters,"),
        ],
    ),
    (
        RULESET,
        "",
        "patterns:\n",
        [
            ("patterns:\n  «spare»: {event: interview.ended}\n", "unused-name", "name it, or remove it"),
        ],
    ),
    (
        RULESET,
        "patience:",
        "type: duration",
        [
            ("type: «time»", "not-allowed", "did you mean `duration`?"),
            ("type: duration\n    «minimum»: 1", "not-allowed", "only a param of `type: number` or"),
        ],
    ),
    (
        RULESET,
        "job_words:",
        "- interviews\n",
        [
            ("- interviews\n    - «interviews»\n", "duplicate-item", "remove one of them"),
            ("- interviews\n    - «{word: x}»\n", "wrong-type", "put a text that begins with `{` or `[`"),
        ],
    ),
    (
        RULESET,
        "application.sent:",
        "company: {type: string, title: The company, unknown: the company}",
        [
            ("company: «string»", "wrong-type", "write `{type: string}`, or another type"),
        ],
    ),
    (
        RULESET,
        "application.sent:",
        "      company:",
        [
            (
                "      «event»: {type: string}\n      company:",
                "reserved-name",
                "call it `event_` or something plainer",
            ),
        ],
    ),
    (
        RULESET,
        "celebration.held:",
        "{type: string, enum: [none, some, heavy]",
        [
            ("{type: «[string]», enum: [none, some, heavy]", "not-allowed", "did you mean `string`?"),
        ],
    ),
    (
        RULESET,
        "background_check.started:",
        "enum: [standard, extensive]",
        [
            ("enum: «standard»", "wrong-type", "write a list: `[standard]`"),
            ("enum: [standard, «1»]", "wrong-operand", 'put it in quotes: `"1"`'),
        ],
    ),
    (
        RULESET,
        "interview.ended:",
        "thanked: {type: boolean",
        [
            (
                "thanked: {type: boolean, «enum»: [yes, no]",
                "not-allowed",
                "only a field with a text, a number or a",
            ),
        ],
    ),
    (
        RULESET,
        "",
        "events:\n",
        [
            ("events:\n  «day.passed»: {}\n", "reserved-name", "remove it: it needs no declaration"),
            ("events:\n  «advice.missed»: {}\n", "reserved-name", "remove it: it needs no declaration"),
            ("events:\n  «interview ended»: {}\n", "bad-format", "an event type is words joined by dots,"),
            ("events:\n  «2nd.interview»: {}\n", "bad-format", "an event type is words joined by dots,"),
        ],
    ),
    (
        RULESET,
        "cases:",
        "  opened_by:",
        [
            ("  «opens»:", "unknown-key", "did you mean `opened_by`?"),
        ],
    ),
    (
        RULESET,
        "cases:",
        "closed_by: [rejection.received",
        [
            (
                "closed_by: [«interview.ended», rejection.received",
                "case-opens-and-closes",
                "remove it from one of the two",
            ),
        ],
    ),
    (
        RULESET,
        "remember:\n  company:",
        "field: company",
        [
            ("field: «compny»", "unknown-field", "did you mean `company`?"),
            ("field: «case.company»", "not-allowed", "name a field of the events in `from`,"),
        ],
    ),
    (
        RULESET,
        "remember:",
        "remember:\n",
        [
            (
                "remember:\n  «open»: {from: interview.ended, field: company}\n",
                "reserved-name",
                "call the fact otherwise",
            ),
        ],
    ),
    (
        RULESET,
        "test_date:",
        "per: subject",
        [
            ("per: «me»", "not-allowed", "one of: `case`, `subject`"),
        ],
    ),
    (
        RULESET,
        "test_date:",
        "field: date",
        [
            ("field: «dtae»", "unknown-field", "did you mean `date`?"),
        ],
    ),
    (
        RULESET,
        "patterns:",
        "  they_replied:",
        [
            (
                "  round: [«round», they_replied]\n  they_replied:",
                "pattern-cycle",
                "take it out of its own definition",
            ),
        ],
    ),
    (
        RULESET,
        "",
        "title: After the interview",
        [
            ("«title»:", "wrong-type", "give it a value, or remove the key"),
            ("title: After: the interview", "yaml-syntax", "put a text with `: ` in quotes"),
            ("title: [After the interview", "yaml-syntax", "add `]` or `,`; a text that begins with"),
            ('title: "After the interview', "yaml-syntax", "add the closing quote"),
            ("title: After the interview\n«author»: Dan", "unknown-key", "There is no key `author` here."),
        ],
    ),
    (
        RULESET,
        "",
        "ruleset: after-interview",
        [
            ("ruleset: «After Interview»", "bad-format", "write small letters and digits joined"),
        ],
    ),
    (
        RULESET,
        "call.made:",
        "promised: {type: string",
        [
            ("promised: {type: integer", "mixed-types", "write one pattern for each event type"),
        ],
    ),
    (
        ON_THE_DAY,
        "id: write-down-names",
        "until: end of day",
        [
            ("until: {at: «9:00»}", "bad-format", "write hours and minutes of a 24-hour"),
            ("until: {at: «17.00»}", "wrong-type", "write hours and minutes of a 24-hour"),
            ("until: {at: «1700»}", "wrong-type", "write hours and minutes of a 24-hour"),
            ("until: {at: «5pm»}", "bad-format", "write hours and minutes of a 24-hour"),
            ("until: «{»plus: minutes: 5}", "yaml-syntax", "add `}` or `,`; a text that begins with"),
            (
                "until: «{»field: case.decision_date, first_known: [event.time]}",
                "not-allowed",
                "`first_known` stands alone; shift and",
            ),
        ],
    ),
    (
        ON_THE_DAY,
        "id: thank-the-room",
        "exists: true",
        [
            ("exists: «yes»", "wrong-type", "write `true`"),
        ],
    ),
    (
        ON_THE_DAY,
        "id: thank-the-room",
        "thanked: true",
        [
            ("thanked: «yes»", "wrong-operand", "write `true`"),
            ("thanked: «NO»", "wrong-operand", "write `false`"),
            ("thanked: «on»", "wrong-operand", "write `true`"),
            ('thanked: «"true"»', "wrong-operand", "write the value without quotes"),
            ("thanked: «1»", "wrong-operand", "write `true` or `false`"),
        ],
    ),
    (
        ON_THE_DAY,
        "id: thank-the-room",
        "where: {thanked: true, all: [*not_an_earlier_one]}",
        [
            ("where: {decision_date: «02/03/2026»}", "bad-date", "write year, month and day: `2026-03-02`"),
            ("where: {decision_date: «2026-02-30»}", "bad-date", "write a day of the calendar"),
            (
                "where: {decision_date: {gt: «2026-02-03»}}",
                "bad-format",
                "write a number without quotes, `$name`",
            ),
            ("where: {decision_date: {after: «yesterday»}}", "bad-date", "or a time with its offset"),
            (
                "where: {decision_date: {after: 2026-03-01, «before»: 2026-02-01}}",
                "never-true",
                "remove one of the two, or write both",
            ),
            (
                "where: {decision_date: {between: «[2026-03-01, 2026-02-01]»}}",
                "empty-range",
                "write `[2026-02-01, 2026-03-01]`",
            ),
            (
                "where: {thanked: true, not: {thanked: «true»}}",
                "never-true",
                "remove one of the two, or write both",
            ),
        ],
    ),
    (
        ON_THE_DAY,
        "id: write-down-names",
        "$many_applications",
        [
            ("«$many_aplications»", "unknown-name", "did you mean `many_applications`?"),
            ("«many_applications»", "bad-format", "did you mean `$many_applications`?"),
            ("«$patience»", "wrong-operand", "use it where a duration stands, such as"),
            ("«$job_words»", "wrong-operand", "name a param that holds a number"),
        ],
    ),
    (
        ON_THE_DAY,
        "id: write-down-names",
        "{case.company}",
        [
            ("{«company_name»}", "unknown-field", "did you mean `company`?"),
            ("«{case.company»", "bad-message", "This `{` is not closed; add `}`, or"),
            ("{«case company»}", "bad-message", "`case company` is no name; between"),
            ("{{case.company}", "bad-message", "This `}` closes nothing; write `}}` for"),
            ("{}", "bad-message", "These braces name nothing; write for"),
            ("{case.company:«titel»}", "bad-message", "did you mean `time`?"),
            ("{case.company:«date»}", "wrong-filter", "filters that fit: `upper`, `lower`"),
            ("{«compani»}", "unknown-field", "did you mean `company`?"),
            ("{«case.compani»}", "unknown-fact", "did you mean `company`?"),
            ("{«params.patiens»}", "unknown-param", "did you mean `patience`?"),
            ("{«due.end»}", "unknown-name", "did you mean `due.until`?"),
            ("{«matched»}", "unknown-name", "`when` must look for text, with"),
            ("{«caes.company»}", "unknown-field", "did you mean `case.company`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "kind: recommendation",
        [
            ("kind: «advice»", "not-allowed", "`recommendation`: something to do, in a"),
            ("kind: recommendation\n    «kind»: recommendation", "duplicate-key", "remove one of them"),
            ("kind: «!!str» recommendation", "yaml-tag", "remove it, or put a text that begins"),
            ("kind: «*recommendation»", "yaml-alias", "Nothing is named `&recommendation`."),
            ("kind: «.inf»", "number-range", "write a finite number below 2^63, or"),
            ("kind:«\t»recommendation", "yaml-tab", "use spaces; inside a text in double"),
            ("kind: recommendation\x07", "not-text", "save the file as UTF-8 text"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "severity: high",
        [
            ("severity: «hihg»", "not-allowed", "did you mean `high`?"),
            ("severity: «1»", "not-allowed", "one of: `critical`, `high`, `info`,"),
            ("severity: «urgent»", "not-allowed", "one of: `critical`, `high`, `info`,"),
            ("«priority»: high", "unknown-key", "did you mean `severity`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "id: thank-you-email",
        [
            ("id: «Thank you email»", "bad-format", "write small letters and digits joined"),
            ("id: «thank_you_email»", "bad-format", "write small letters and digits joined"),
            ("«name»: thank-you-email", "unknown-key", "did you mean `id`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "when: {",
        [
            ("«if»: {", "unknown-key", "did you mean `when`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "when: {event: interview.ended}",
        [
            ("when: «interview.ended»", "bad-format", "write `{event: interview.ended}`"),
            ("when: {event: «interview ended»}", "bad-format", "write words joined by dots, such as"),
            ("when: {event: «Interview.Ended»}", "unknown-event", "did you mean `interview.ended`?"),
            ("when: {«type»: interview.ended}", "unknown-key", "did you mean `event`?"),
            (
                "when: {event: interview.ended, count: «{»at_least: 2}}",
                "missing-key",
                "add `within: …`. The length of the",
            ),
            (
                "when: {event: interview.ended, «times»: {at_least: 2, within: 1 day}}",
                "unknown-key",
                "did you mean `count`?",
            ),
            (
                "when: {event: interview.ended, where: {«trigger.company»: x}}",
                "trigger-out-of-reach",
                "for the event itself write `company`",
            ),
            ("when: «{»where: {company: x}}", "missing-key", "add `event: …`. The type of the event,"),
            ("when: «you_replied»", "unknown-pattern", "did you mean `they_replied`?"),
            ("when: [{event: interview.ended}, «{event: interview.ended}»]", "no-effect", "remove it"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "within: 8 hours",
        [
            ("within: «8»", "wrong-type", "write a number and a unit in words,"),
            ('within: «"8"»', "bad-duration", "`8` has no unit after 8; write for"),
            ("within: «{hours: 8}»", "wrong-type", "write `8 hours`"),
            ("within: «$thank_you_words»", "wrong-operand", "name a param of `type: duration`"),
            ("within: «$thanks_words»", "wrong-operand", "name a param of `type: duration`"),
            ("within: «eight hours»", "bad-duration", "`eight hours` is no duration; write `8 hours`"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "title: Send a short thank-you email",
        [
            ("title: Send a «#short» thank-you email", "yaml-comment", "put the whole text in quotes; if"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "until: end of next day",
        [
            ("until: «end of the next day»", "not-allowed", "did you mean `end of next day`?"),
            ("until: «tomorrow»", "not-allowed", "did you mean `end of next day`?"),
            ("until: «2 days»", "not-allowed", "write `{plus: 2 days}`"),
            ("until: «2026-03-04»", "not-allowed", "write `event.time`, `end of day`, `end of month`, or"),
            ("until: «end of the month»", "not-allowed", "did you mean `end of month`?"),
            ("until: «next month»", "not-allowed", "did you mean `end of next month`?"),
            ("until: «end of quarter»", "not-allowed", "only days and months have names here"),
            ("until: «next Monday»", "not-allowed", "only days and months have names here"),
            ("until: «end of business day»", "not-allowed", "only days and months have names here"),
            ("until: {align: «end of week»}", "not-allowed", "only days and months have names here"),
            ("until: «$thank_you_words»", "not-allowed", "a moment takes no other params than those of"),
            ("until: «start of day»", "empty-window", "`until` counts from `from`, such as"),
            ("until: «start of month»", "empty-window", "`until` counts from `from`, such as"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "from: event.time",
        [
            ("from: «now»", "not-allowed", "did you mean `event.time`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "again: each",
        [
            ("again: «yes»", "not-allowed", "`ignore`: a new trigger does nothing"),
            ("repeat: «daily»", "wrong-type", "write `{every: 7 days}`"),
            ("repeat: «{»at_most: 3}", "missing-key", "add `every: …`. How long from one"),
            ("inhibits: «celebrate»", "wrong-type", "write a list: `[other-rule]`"),
            ("while: {since: «interview.ended»}", "bad-format", "write `{event: interview.ended}`"),
            ("while: «{»until: end of day}", "missing-key", "add `since: …`."),
            (
                "while: {since: {event: interview.ended}, until: «3 days»}",
                "bad-format",
                "write `{plus: 3 days}`",
            ),
            (
                "while: {since: {event: interview.ended}, until: «start of day»}",
                "empty-window",
                "`until` counts from the event in `since`",
            ),
            ("«when»: {event: interview.ended}", "duplicate-key", "remove one of them"),
            ("«cooldown»:", "wrong-type", "write a number and a unit in words,"),
            ("again: each\n    «until»: end of day", "unknown-key", "move it into `due`"),
            ("message: x\n    again: each", "duplicate-key", "remove one of them"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        THANKED,
        [
            ("where: {purpose: «thankyou»}", "unknown-value", "did you mean `thank_you`?"),
            ("where: {purpose: «[thank_you, other]»}", "wrong-type", "write `{in: [ … ]}` to allow any of"),
            ("where: «[purpose, thank_you]»", "wrong-type", "write field names and what they must"),
            ("where: «purpose is thank_you»", "wrong-type", "write field names and what they must"),
            ("where: «purpose == thank_you»", "wrong-type", "write field names and what they must"),
            ("where: «[{purpose: thank_you}]»", "wrong-type", "write field names and what they must"),
            ('where: {purpose: {«"="»: thank_you}}', "unknown-key", "did you mean `is`?"),
            ('where: {purpose: {«"=="»: thank_you}}', "unknown-key", "did you mean `is`?"),
            ("where: {purpose: {«equals»: thank_you}}", "unknown-key", "did you mean `is`?"),
            ('where: {purpose: {«"!="»: thank_you}}', "unknown-key", "did you mean `is_not`?"),
            ("where: {purpose: {«one_of»: [thank_you]}}", "unknown-key", "did you mean `in`?"),
            ('where: {«"purpose = thank_you"»}', "bad-format", "write `purpose: thank_you`"),
            ("where: {purpose: «== thank_you»}", "unknown-value", "did you mean `thank_you`?"),
            ("where: {purpose: «true»}", "wrong-operand", 'put it in quotes: `"true"`'),
            ("where: {«or»: [{purpose: thank_you}, {purpose: other}]}", "unknown-key", "did you mean `any`?"),
            (
                "where: {«and»: [{purpose: thank_you}, {text: {mentions: thanks}}]}",
                "unknown-key",
                "did you mean `all`?",
            ),
            ("where: {«OR»: [{purpose: thank_you}, {purpose: other}]}", "unknown-key", "did you mean `any`?"),
            ("where: {any: «{purpose: thank_you}»}", "wrong-type", "begin each item with `- `"),
            ("where: {not: «[{purpose: thank_you}]»}", "wrong-type", "write field names and what they must"),
            (
                "where: {purpose: thank_you, «receiver»: friend}",
                "unknown-field",
                "its fields: `medium`, `promised`,",
            ),
            ("where: {purpose: {«gt»: 3}}", "wrong-test", "tests for text: `is`, `is_not`, `in`,"),
            ("where: {purpose: {mentions: «[]»}}", "out-of-range", "`mentions` may not be empty."),
            ('where: {text: {matches: «"(thank"»}}', "bad-regex", 'This pattern has the fault "missing )"'),
            ('where: {text: {matches: «"(?<=a)b"»}}', "bad-regex", 'This pattern has the fault "invalid'),
            (
                'where: {text: {matches: «"((a{100}){100}){100}"»}}',
                "bad-regex",
                'This pattern has the fault "invalid',
            ),
            ('where: {text: {matches: "«\\d+»"}}', "yaml-syntax", "write `\\\\` for one `\\`, or use single"),
            ('where: {text: {words: {gt: «"5"»}}}', "bad-format", "write a number without quotes, or"),
            ("where: {text: {words: «five»}}", "bad-format", "write a number, `$name`, or tests such"),
            ('where: {text: {words: {«">"»: 5}}}', "unknown-key", "did you mean `gt`?"),
            ("where: {text: {words: «> 5»}}", "yaml-syntax", "put the value in quotes"),
            ("where: {text: {words: {between: «[9, 3]»}}}", "empty-range", "write `[3, 9]`"),
            ("where: {to: «boss»}", "wrong-test", "write `has: boss`"),
            (
                "where: {all: [{purpose: thank_you}, {purpose: «question»}]}",
                "never-true",
                "remove one of the two, or write both",
            ),
            (
                "where: {purpose: {is: thank_you, «is_not»: thank_you}}",
                "never-true",
                "remove one of the two, or write both",
            ),
            (
                "where: {text: {words: {gt: 5, «lt»: 3}}}",
                "never-true",
                "remove one of the two, or write both",
            ),
            (
                "where: {text: {words: {gt: 4, «lt»: 5}}}",
                "never-true",
                "remove one of the two, or write both",
            ),
            ("where: {text: {words: {«lt»: 0}}}", "never-true", "remove one of the two, or write both"),
            ("where: {text: {words: {gt: 5}, «words»: {lt: 3}}}", "duplicate-key", "remove one of them"),
            (
                "where: {purpose: thank_you, not: {purpose: «thank_you»}}",
                "never-true",
                "remove one of the two, or write both",
            ),
            (
                "where: {purpose: thank_you, not: {purpose: {«in»: [thank_you, question]}}}",
                "never-true",
                "remove one of the two, or write both",
            ),
            (
                "where: {purpose: {exists: false, «is»: thank_you}}",
                "never-true",
                "remove one of the two, or write both",
            ),
            (
                "where: {purpose: thank_you, any: [{purpose: «question»}, {text: {mentions: thanks}}]}",
                "never-true",
                "remove one of the two, or write both",
            ),
            (
                "where: {purpose: {in: [thank_you, question], «not_in»: [thank_you, question]}}",
                "never-true",
                "remove one of the two, or write both",
            ),
            ("where: {event.type: «call.made»}", "never-true", "remove one of the two, or write both"),
            ("where: {text: «== thanks»}", "wrong-operand", "did you mean `is: thanks`?", "warning"),
            ('where: {text: «"> 5"»}', "wrong-operand", "did you mean `gt: 5`?", "warning"),
            ("where: {text: {mentions: «5»}}", "wrong-type", "write a list: `[5]`"),
            (
                "where: {text: {mentions: «$patience»}}",
                "wrong-operand",
                "use it where a duration stands, such as",
            ),
            ("where: {text: {«includes»: thanks}}", "unknown-key", "There is no key `includes` here."),
            ("where: {text: «$job_words»}", "wrong-operand", "write `{in: $job_words}`"),
            ("where: {to: {has: «5»}}", "wrong-operand", 'put it in quotes: `"5"`'),
            ("where: {text: {length: {between: «[5]»}}}", "out-of-range", "write two values: `[low, high]`"),
            ("where: {purpose: {in: «thank_you»}}", "bad-format", "write a list such as `[a, b]`, or"),
            ("where: {purpose: {in: [thank_you, «thanks»]}}", "unknown-value", "did you mean `thank_you`?"),
            (
                "where: {purpose: «{»is: thank_you, field: text}}",
                "not-allowed",
                "`field` stands alone: put it below the",
            ),
            ("where: {«event.tme»: {exists: true}}", "unknown-field", "did you mean `time`?"),
            ("where: {«case.compny»: {exists: true}}", "unknown-fact", "did you mean `company`?"),
            (
                "where: {text: {contains: {field: «trigger.compny»}}}",
                "unknown-field",
                "did you mean `company`?",
            ),
            ("where: {all: «{»purpose: thank_you}}", "wrong-type", "begin each item with `- `"),
            ("where: «{}»", "out-of-range", "write field names and what they must"),
            ("«were»: {purpose: thank_you}", "unknown-key", "did you mean `where`?"),
            ("where {purpose: thank_you}", "yaml-syntax", "add `}` or `,`; a text that begins with"),
            ("where: {purpose thank_you}", "bad-format", "write `purpose: thank_you`"),
            ("where: {purpose:thank_you}", "bad-format", "write `purpose: thank_you`"),
            ("where: {text: «case.company»}", "path-as-text", "to compare with what `case.company`"),
        ],
    ),
    (
        THANK_YOU,
        "",
        "rules:\n",
        [
            ("«version»: 1.0.0\nrules:\n", "misplaced-key", "move it there, or remove it"),
            (
                "params:\n  «patience»: {type: duration, default: 1 day}\nrules:\n",
                "duplicate-key",
                "remove one of them",
            ),
        ],
    ),
    (
        THANK_YOU,
        "",
        "\nrules:\n",
        [
            ("\n", "wrong-type", "begin the file with `rules:`"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-sells",
        "per: subject",
        [
            (
                "per: subject\n    «<<»: *no_thank_you",
                "yaml-merge-key",
                "write the keys out, or name a pattern,",
            ),
            ("per: subject\n    effective: «until 2027»", "wrong-type", "write `{from: 2026-03-01, until:"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "    kind: recommendation",
        [
            ("\xa0   kind: recommendation", "yaml-syntax", "replace it by a plain space"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "    source: {section: Email a short thank you}\n",
        [
            (
                "    source: {section: Email a short thank you}\n«---»\n",
                "yaml-documents",
                "remove the line `---`",
            ),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "{section: Email a short thank you}",
        [
            ("«Email a short thank you»", "wrong-type", "write `{section: …}` or `{title: …}`"),
            ("{«chapter»: Email a short thank you}", "unknown-key", "did you mean `section`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "due: {from: event.time, until: end of next day}",
        [
            ("due: «end of next day»", "wrong-type", "write `{until: end of next day}`, or"),
            ("due: «2 days»", "wrong-type", "write `{until: end of next day}`, or"),
            ("due: {from: event.time, until: «{}»}", "out-of-range", "write `event.time`, `end of day`, or"),
            ("due: {from: {first_known: «event.time»}}", "wrong-type", "write a list: `[event.time]`"),
            ("due: {from: {field: «case.company»}}", "wrong-operand", "name a field of type `date` or"),
            (
                "due: {from: {plus: 3 days}, until: «event.time»}",
                "empty-window",
                "`until` counts from `from`, such as",
            ),
            (
                "due: {from: {plus: 3 days, align: «midnight»}}",
                "not-allowed",
                "did you mean `end of day`?",
            ),
            ("due: {«to»: end of next day}", "unknown-key", "did you mean `until`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        THANKED,
        [
            (
                "«count»: {at_least: 2, within: 1 day}, where: {purpose: thank_you}",
                "misplaced-count",
                "remove `count`, or move it into `when`",
            ),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-sells",
        "not: *no_thank_you",
        [
            ("not: «*no_thankyou»", "yaml-alias", "did you mean `no_thank_you`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-sells",
        "{matched}",
        [
            ("{«matches»}", "unknown-field", "did you mean `matched`?"),
            ("{«case.company»}", "case-out-of-reach", "make the rule `per: case`"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-sells",
        "event: message.drafted",
        [
            ("event: [message.drafted, «message.draft»]", "unknown-event", "did you mean `message.drafted`?"),
            ("event: [message.drafted, «message.drafted»]", "duplicate-item", "remove one of them"),
        ],
    ),
    (
        THANK_YOU,
        "id: forgot-to-mention",
        "[{event.case: {exists: true}}",
        [
            ("[{«[»event.case]: {exists: true}}", "yaml-key", "put a text that begins with `{` or `[`"),
        ],
    ),
    (
        FOLLOWING_UP,
        "",
        "{referee: {field: trigger.referee}}",
        [
            ("{referee: {field: «referee»}}", "same-field", "write `{field: trigger.referee}`"),
        ],
    ),
    (
        FOLLOWING_UP,
        "id: research-before-answering",
        "while: {case: open}",
        [
            (
                "while: {since: «{event: offer.accepted}»}",
                "dead-rule",
                "make the rule `per: subject`, or begin",
            ),
        ],
    ),
    (
        FOLLOWING_UP,
        "id: research-before-answering",
        "unless: {event: research.done}",
        [
            ("unless: «{event: rejection.received}»", "no-effect", "remove it, or write `while: {case:"),
        ],
    ),
    (
        FOLLOWING_UP,
        "id: research-before-answering",
        "fulfilled_by: {event: research.done}",
        [
            (
                "fulfilled_by: {event: research.done}\n    cancelled_by: «{event: research.done}»",
                "no-effect",
                "remove it from one of the two",
            ),
        ],
    ),
    (
        FOLLOWING_UP,
        "id: reflect",
        "when: {event: interview.ended}",
        [
            (
                "when: {event: rejection.received}\n    while: «{case: open}»",
                "dead-rule",
                "remove this `while`",
            ),
            (
                "when: {event: [interview.ended, notes.written], where: {«thanked»: true}}",
                "field-not-everywhere",
                "declare it there, or write one pattern",
            ),
        ],
    ),
    (
        FOLLOWING_UP,
        "id: reflect",
        "due: {from",
        [
            (
                "inhibits: [«celebrate»]\n    due: {from",
                "no-effect",
                "remove it, or give both rules the same",
            ),
        ],
    ),
    (
        FOLLOWING_UP,
        "id: reflect",
        "due: {from: start of next day, until: {plus: 3 days}}\n    fulfilled_by: {event: reflection.noted}",
        [
            (
                "inhibits: [«research-company»]",
                "endless-inhibition",
                "give `reflect` a `due: {until: …}`, or",
            ),
        ],
    ),
    (
        RIGHT_AFTER,
        "id: close-the-connection",
        "phone, video",
        [
            ("phone, «vidio»", "unknown-value", "did you mean `video`?"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: badgering",
        "{count}",
        [
            ("{«cuont»}", "unknown-field", "did you mean `count`?"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: badgering",
        "at_least: $nuisance_contacts",
        [
            ('at_least: «"3"»', "bad-format", "write a whole number of at least 1, or"),
            ("at_least: «three»", "bad-format", "write a whole number of at least 1, or"),
            ("at_least: «0»", "out-of-range", "write a whole number of at least 1, or"),
            ("at_least: «2.5»", "wrong-type", "write a whole number of at least 1, or"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: badgering",
        "within: 1 week",
        [
            ("within: «a week»", "bad-duration", "`a week` is no duration; write `1 week`"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: badgering",
        "inhibits: [call-back,",
        [
            ("inhibits: [«call-bakc»,", "unknown-rule", "did you mean `call-back`?"),
            ("inhibits: [«badgering»,", "inhibits-itself", "to make it speak less often, give it a"),
            ("inhibits: [«celebrate»,", "no-effect", "remove it, or give both rules the same"),
            (
                "renamed_from: [«call-back»]\n    inhibits: [call-back,",
                "wrong-rename",
                "name the ids that the rule had before",
            ),
        ],
    ),
    (
        LEFT_ALONE,
        "id: badgering",
        "cooldown: 1 week",
        [
            ("cooldown: «weekly»", "bad-duration", "`weekly` is no duration; write `1 week`"),
            ("cooldown: «true»", "wrong-type", "write a number and a unit in words,"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: badgering",
        "kind: warning",
        [
            (
                "kind: warning\n    «due»: {until: end of day}",
                "recommendation-only",
                "remove `due`, or make the rule a",
            ),
            ("kind: recommendation", "endless-inhibition", "give `badgering` a `due: {until: …}`,"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: social-media",
        "per: subject",
        [
            ("per: «person»", "not-allowed", "`case`: for each case by itself;"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: social-media",
        "while: {case: open}",
        [
            ("while: {case: «opened»}", "not-allowed", "did you mean `open`?"),
            ("while: «case open»", "wrong-type", "write `{case: open}`, or `{since:"),
            ("while: {case: «true»}", "not-allowed", "one of: `open`"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: badgering",
        "cooldown: 1 week\n",
        [
            ("\n", "no-effect", "give `badgering` a `cooldown`"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: counter-offer",
        "- {event: counter_offer.sought}",
        [
            (
                "- {event: «advice.raised», where: {rule: counter-offer}}",
                "rule-cycle",
                "name the rule that is meant in `where:",
            ),
        ],
    ),
    (
        SEARCH,
        "id: keep-looking",
        'at: "09:00"',
        [
            ("at: «9am»", "bad-format", "write hours and minutes of a 24-hour"),
            ("at: «“09:00”»", "bad-format", "use straight quotes"),
            ("at: «9:00»", "bad-format", "write hours and minutes of a 24-hour"),
        ],
    ),
    (
        SEARCH,
        "id: keep-looking",
        "at_most: 12",
        [
            ("at_most: «-1»", "out-of-range", "write a whole number of at least 1, or"),
        ],
    ),
    (
        SEARCH,
        "id: keep-looking",
        "every: 1 week",
        [
            ("every: «weekly»", "bad-duration", "`weekly` is no duration; write `1 week`"),
        ],
    ),
    (
        FOLLOWING_UP,
        "id: celebrate",
        "due: {from: event.time, until: end of next day}",
        [
            ("repeat: «{every: 1 week}»", "silent-repeat", "let its window end"),
        ],
    ),
    (
        SEARCH,
        "id: no-applications",
        "rule: keep-looking",
        [
            ("rule: «keep-loking»", "unknown-value", "did you mean `keep-looking`?"),
        ],
    ),
    (
        SEARCH,
        "id: no-applications",
        "event: advice.missed",
        [
            ("event: «advice.mised»", "unknown-event", "did you mean `advice.missed`?"),
            ("event: «advice.raised»", "dead-rule", "warnings are only `raised`; `fulfilled`"),
        ],
    ),
    (
        SEARCH,
        "id: keep-looking",
        "while: {case: open}",
        [
            ("effective: {from: «2026-13-01»}", "bad-date", "write a day of the calendar"),
            (
                "effective: {from: 2026-03-01, «until»: 2026-02-01}",
                "empty-window",
                "let `until` come after `from`",
            ),
            ("effective: {from: «March 2026»}", "bad-format", "write a date such as `2026-03-02`, or a"),
            ("effective: «2026»", "wrong-type", "write `{from: 2026-03-01, until:"),
            ("tags: «weekly»", "wrong-type", "write a list: `[weekly]`"),
            ("enabled: «false»", "dead-rule", "switch `no-applications` off too, or"),
            ("status: «off»", "not-allowed", "`draft`: checked and tested, and"),
        ],
    ),
    (
        SEARCH,
        "id: stopped-searching",  # which no other rule names
        "id: stopped-searching",
        [
            ("id: «social-media»", "duplicate-id", "give one of them another id"),
            ("id: «thank-you-email»", "duplicate-id", "give one of them another id"),
        ],
    ),
    (
        SEARCH,
        "id: stopped-searching",
        "while:\n      - {case: open}\n",
        [
            (
                "while:\n      - {since: {event: interview.ended}, until: «{event: search.stopped}»}\n",
                "dead-rule",
                "end the span with another event, or at",
            ),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "when: {event: interview.ended}",
        [
            ("«when：» {event: interview.ended}", "unknown-key", "with a plain colon and a space"),
            ("when: «interview.ended»", "bad-format", "write `{event: interview.ended}`"),
            (
                "when: {event: «interview.ended or offer.received»}",
                "bad-format",
                "[interview.ended, offer.received]",
            ),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "due: {from: event.time, until: end of next day}",
        [
            ("due: {«after»: 2 days}", "unknown-key", "did you mean `from`? write `{plus: 2 days}`"),
            ("«deadline»: end of next day", "unknown-key", "write `{until: end of next day}`, or"),
            ("«due_until»: end of next day", "unknown-key", "write `due: {until: …}`"),
            ("due: {until: «tomorrow»}", "not-allowed", "did you mean `end of next day`?"),
            ("due: {until: {plus: 2 days, align: «midnight»}}", "not-allowed", "did you mean `end of day`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "within: 8 hours",
        [
            ("within: «8 Stunden»", "bad-duration", "write `8 hours`"),
            ("within: «8 heures»", "bad-duration", "write `8 hours`"),
            ("within: «8 Werktage»", "bad-duration", "write `8 business days`"),
            ("within: «day»", "bad-duration", "write `1 day`"),
            ("within: «8,5 hours»", "unknown-key", "write `within: 8.5 hours`"),
            ("within: «none»", "bad-duration", "leave the key out"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        THANKED,
        [
            ("«purpose»: thank_you", "unknown-key", "`where: {purpose: …}`"),
            ("where: {purpose: {is: «[thank_you, other]»}}", "wrong-type", "write `in: […]`"),
            (
                "where: {purpose: thank_you, «or»: {purpose: other}}",
                "unknown-key",
                "`any: [{purpose: thank_you}, {purpose: other}]`",
            ),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "fulfilled_by: you_thanked",
        [
            ("fulfilled_by: you_thanked\n    «done_when»: you_thanked", "unknown-key", "`fulfilled_by`"),
            ("fulfilled_by: [you_thanked, «they replied»]", "bad-format", "did you mean `they_replied`?"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "{case.company}",
        [
            ("«<company>»", "path-as-text", "for the value write `{case.company}`"),
            ("«[case.company]»", "path-as-text", "for the value write `{case.company}`"),
            ("«$patience»", "path-as-text", "for the value write `{params.patience}`"),
        ],
    ),
    (
        THANK_YOU,
        "# Row 5",
        "  - id: thank-you-email\n",
        [
            ("  «–» id: thank-you-email\n", "yaml-syntax", "write `- ` before each item"),
            ("  «*» id: thank-you-email\n", "yaml-syntax", "write `- ` before each item"),
            ("  «•» id: thank-you-email\n", "yaml-syntax", "write `- ` before each item"),
        ],
    ),
    (
        THANK_YOU,
        "id: thank-you-email",
        "    kind: recommendation",
        [
            ("     «kind: recommendation»", "yaml-syntax", "begin it in column 5, as line 10 does"),
            ("    kind: recommendation\n    enabled: «nein»", "wrong-type", "write `false`"),
            ("    kind: recommendation\n    enabled: «perhaps»", "wrong-type", "write `true` or `false`"),
            ("    kind: recommendation\n    «tag»: money", "unknown-key", "write a list: `[money]`"),
        ],
    ),
    (
        LEFT_ALONE,
        "id: badgering",
        "count: {at_least: $nuisance_contacts, within: 1 week}",
        [
            ("count: «3»", "wrong-type", "write `{at_least: 3, within: 7 days}`"),
            ("count: «3 within 7 days»", "wrong-type", "write `{at_least: 3, within: 7 days}`"),
            ("count: {«more_than»: 3, within: 7 days}", "unknown-key", "write `at_least: 4`"),
            ("count: {«at_most»: 3, within: 7 days}", "unknown-key", "a count has no upper limit"),
            ("count: {«how_many»: 3, within: 7 days}", "unknown-key", "known: `at_least`"),
        ],
    ),
    (
        RULESET,
        "defaults:",
        "timezone: UTC",
        [
            ("timezone: «BST»", "unknown-zone", "write an IANA name, such as"),
            ("timezone: UTC\n  holidays: «UK»", "unknown-holidays", "did you mean `GB`?"),
        ],
    ),
]
