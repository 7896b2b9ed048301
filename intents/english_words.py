"""The English that is heard: word nets under the names of the Chinese ones, and whole messages that mean one thing.

Patterns read normalised text (lower case, straight apostrophes). They are compiled when the first English message comes.
"""

from config.labels import DialogueAct, Emotion, EscalationSign, Kind, Product

# One of these makes a text English. What Chinese customers write in Latin letters as well (app, atm, ok) is left out.
COMMON = (
    r"\b(?:the|my|your|is|are|was|were|it|its|it's|i'm|im|i've|ive|i'd|this|that|not|don't|dont|doesn't|doesnt|didn't|didnt|can't|cant|cannot|"
    r"won't|wont|have|has|had|for|from|with|without|what|how|why|when|where|who|which|to|of|and|or|been|because|please|pls|plz|want|need|"
    r"would|could|should|will|did|does|just|still|again|never|always|very|about|after|before|then|there|they|their|we|our|any|some|"
    r"somebody|someone|nobody|nothing|keeps?|account|money|branch|staff|number|transfer|transferred|payment|paid|charged?|fees?|refund|"
    r"complaint|complain|suggest|suggestion|stolen|stole|lost|swallowed|ate|scam|scammed|scammer|fraud|help|thanks?|thank|service|"
    r"terrible|awful|rude|yesterday|today|tomorrow|week|month|morning|afternoon|evening|night|ago|last|rmb|yuan|refused|waited|crashes|"
    r"crashing|crashed|password|debit|machine|amount|changed?|wrong|instead|real|person|human|agent|queue|ticket|status|withdraw|cancel|"
    r"road|street|eaten|swallow|block|blocked|frozen|declined|rejected|stuck|missing|broken|error|failed|useless|rubbish|worst|great|helpful|"
    r"convenient|love|report|explain|tell|talk|speak|confirm|question|ask|customer|manager|teller|clerk|lady|counter|sue|lawyer|apology|sorry|"
    r"january|february|march|april|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b"
)
# Two of these do: one alone may be Pinyin, or a name (Apple Pay).
WEAK = r"\b(?:all|an|as|at|bank|be|but|by|card|cash|code|credit|do|he|hello|her|him|his|i|in|loan|login|me|no|off|on|out|pay|phone|she|so|thanks|too|up|us|yes|you)\b"

_PLEASE = r"(?:[\s,.!]*(?:please|pls|plz|thanks?|thank you|thx|mate|sir|madam))*[\s.!?,~]*"
_LEAD = r"[\s,.!]*(?:(?:ok(?:ay)?|well|oh|please|pls|sorry|hi|hello|hey|um+|and)[\s,.!]+)?"

# Whole messages.
ACTS: tuple[tuple[DialogueAct, str], ...] = tuple(
    (act, f"{_LEAD}(?:{said}){_PLEASE}")
    for act, said in (
        (
            DialogueAct.WITHDRAW,
            r"(?:(?:i|i'd) (?:want|wish|would like|like|need) to )?(?:withdraw|take back|retract|cancel) (?:my|the|this|that) (?:complaint|ticket|feedback|case|suggestion)|withdraw(?: it)?",
        ),
        (
            DialogueAct.CANCEL,
            r"(?:i (?:want|would like) to )?cancel(?: (?:it|this|that|all))?|never ?mind|forget (?:about )?(?:it|this)|stop|quit|exit|drop it|(?:i )?give up|i(?:'ve| have)? changed my mind|don'?t bother|leave the queue|(?:i )?(?:don'?t|do not) want (?:to wait|it|this)(?: any ?more)?|stop waiting|no longer needed",
        ),
        (
            DialogueAct.AFFIRM,
            r"y(?:es|eah|ep|up|a|ea)?(?:[, ]+(?:it is|(?:that|it|this|all|everything)(?:'?s| is)? (?:all )?(?:right|correct|fine|ok|okay|good)|correct|right|confirm(?:ed)?|do|sure|(?:please )?(?:register|send|submit|drop|withdraw|do) (?:it|that)|i do|i am(?: sure)?|go ahead))?|sure|of course|ok(?:ay)?|k|right|correct|(?:all )?(?:right|correct|fine|ok|okay)|(?:that|it|this|all|everything)(?:'?s| is| looks?)? ?(?:all )?(?:right|correct|fine|ok|okay|good|accurate)|confirm(?:ed)?|i confirm|confirm (?:it|and send)|send(?: it)?|submit(?: it)?|looks? (?:good|right|fine|ok|correct)|go (?:ahead|on)|do it|register(?: it| that| my questions?)?|please do|agreed?|perfect|absolutely|definitely|exactly",
        ),
        (
            DialogueAct.DENY,
            r"no+|nope|nah|no,? thank(?:s| you)|not (?:right|correct|really|yet)|wrong|incorrect|(?:no,? )?(?:that|it|this)(?:'?s| is)(?: not right| not correct| wrong| incorrect|n'?t right|n'?t correct)|(?:please )?change(?: (?:something|it|this))?|edit|keep it|no,? keep it|no,? go on|i don'?t (?:want|need) (?:to|that|it)",
        ),
        (
            DialogueAct.SKIP,
            r"skip(?: (?:it|this|that))?|pass|next|n/?a|none|nothing(?: (?:else|in particular|special|more))?|(?:i )?(?:really )?(?:don'?t|do not|can'?t|cannot|couldn'?t) (?:know|remember|recall|say|tell)(?: (?:it|exactly|when|where|who|the|any|time|date|name|exact|which|branch))*|no idea|not sure|dunno|idk|(?:i'?d )?(?:rather|prefer) not(?: to)?(?: say)?|(?:i )?forg[eo]t(?:ten)?|no (?:phone|number|preference|comments?|demands?|requests?|special requests?|calls?)(?: .{0,12})?|(?:please )?(?:don'?t|do not) call(?: me)?|i (?:don'?t|do not) want (?:a call|to be called|calls)|not (?:applicable|necessary|needed)|whatever|anything|up to you|(?:i )?don'?t care",
        ),
    )
)

OPENERS: tuple[tuple[Kind, str], ...] = tuple(
    (kind, f"{_LEAD}(?:{said}){_PLEASE}")
    for kind, said in (
        (
            Kind.GREETING_CHITCHAT,
            r"(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day))(?: (?:there|again|all|everyone))?|thank(?:s| you)(?: (?:very|so) much| a lot| for (?:your|the) help)?|thx|ty|cheers|(?:good ?)?bye(?: ?bye)?|see you.{0,12}|who (?:are|r) (?:you|u)|(?:are|r) (?:you|u) (?:a |an )?(?:bot|robot|human|real|person|machine|ai).{0,15}|what (?:can|do) you do|how are you|(?:do|can) you speak english|(?:in )?english|i (?:can'?t|cannot|don'?t|do not) (?:speak|read|understand) (?:any )?chinese|(?:can|could|will) (?:you|u) (?:please |pls )?help(?: me)?|(?:i )?need (?:some |your )?help|help(?: me)?|(?:is )?any(?:one|body) (?:there|here)|are you (?:there|here)",
        ),
        (Kind.TICKET_STATUS, r"(?:check |see |my |the |a )*(?:ticket|complaint|case)?(?:'s)? ?(?:status|progress)(?: of (?:my|the) (?:ticket|complaint|case))?|my tickets?|any (?:news|updates?)"),
    )
)  # fmt: skip

# Words that only announce that there is something to say.
ANNOUNCES = (
    r"(?:(?:hi|hello|hey|please|i|i'd|i'm|im|we|want|would|like|need|have|wish|got|gotta|to|make|file|lodge|submit|give|raise|send|report|a|an|some|"
    r"the|my|your|you|about|another|new|complain|complaint|complaints|feedback|problem|problems|issue|issues|suggestion|suggest|praise|compliment|"
    r"something|bank|staff|question|ask|tell|here|it|register|again|talk|speak|person|human|agent|ticket|status|there|is|for|of|and|can|may|one|"
    r"ok|okay|thanks|help|me|with|someone|somebody|member)\b|[\s,.!?'’]+)+"
)

_CAN_NOT = r"(?:ca|wo|does|do|did|is|are|was|were|has|have|had|could|would)(?:n'?t| not)|cannot|never|not"
_MONEY = r"(?:money|cash|savings?|balance|funds|salary|wages|pension|(?:\d[\d,.]*k?|thousands?) ?(?:yuan|rmb|cny)?|everything)"
_PAYMENT = r"(?:payments?|transactions?|transfers?|purchases?|charges?|withdrawals?|debits?|orders?)"
_SOMEBODY = r"(?:someone|somebody|some ?one|a stranger|strangers?|a thief|thieves|they|he|she|who|scammers?|hackers?|criminals?)"
# The names are those of ``intents.urgency``: advice and routing go by them.
ALARMS: tuple[tuple[str, str], ...] = (
    (
        "stolen_funds",
        rf"\b(?:stole|stolen|robbed|emptied|drained|cleaned out|nicked)\b.{{0,40}}\b(?:{_MONEY}|account)|\b{_MONEY}\b.{{0,25}}\b(?:has |have |is |was |are |were |been |just |all )+(?:gone|stolen|disappeared|vanished|missing|drained|emptied|taken)|\bmoney (?:gone|missing|stolen)\b",
    ),
    (
        "unauthorised_debit",
        rf"\bun ?authori[sz]ed\b|\b(?:didn'?t|did not|never|haven'?t|not) (?:make|made|authori[sz]ed?|approved?|do|done|agree to)\b.{{0,25}}\b{_PAYMENT}|\b{_PAYMENT}\b.{{0,40}}\b(?:(?:i|we) (?:didn'?t|did not|never|haven'?t) (?:make|made|do|did|authori[sz]e\w*|approve\w*)|(?:wasn'?t|was not|isn'?t|is not) (?:me|mine|by me))|\b{_SOMEBODY}\b.{{0,20}}\b(?:used|using|uses|took|taken|takes|taking|stole|moved|removed|spent|spending|withdrew|withdrawn|paid|pays|charged|transferred|bought)\b.{{0,30}}\b(?:my|from)\b",
    ),
    ("unknown_transaction", rf"\b(?:unknown|suspicious|strange|fraudulent|unrecogni[sz]ed|unfamiliar) {_PAYMENT}|\b{_PAYMENT}\b.{{0,20}}\b(?:don'?t|do not) recogni[sz]e"),
    (
        "scam",
        r"\b(?:scammed|conned|defrauded|phished|tricked (?:me|into|out)|(?:been|was|got|were|am) tricked|scammers?|fraudsters?|swindle\w*|con ?artists?)\b|\b(?:victim of|fell for|fallen for|reporting|report) .{0,12}\b(?:scam|fraud)\b|\bfraud\b.{0,25}\b(?:on|in|with) my\b|(?:fake|pretend\w* to be|posing as|claim\w* to be) .{0,20}(?:police|bank|customer service|official)|\bsafe account\b|^\W*(?:help\W*)?(?:it'?s )?(?:a )?(?:scam|fraud)(?:\W*help)?\W*$",
    ),
    ("code_given_away", r"\b(?:gave|given|told|sent|shared|typed in|entered|read out)\b.{0,30}\b(?:my|the|a|sms|verification|pass\w*|one[- ]time)?\s*(?:code|password|passcode|pin|otp|cvv)\b.{0,30}\b(?:to|scam\w*|him|her|them|someone|somebody|caller|link|site|website)\b|\b(?:gave|told|sent) (?:him|her|them|someone|somebody|a scammer|the caller) .{0,15}\b(?:code|password|pin|otp)\b"),
    ("wrong_transfer", r"\b(?:sent|transfer\w*|paid|wired|put|payment|money)\b.{0,40}\bwrong (?:person|account|number|card|recipient|name|one|payee)"),
    (
        "machine_kept",
        r"\b(?:atm|machine|cash ?point)\b.{0,30}\b(?:swallow\w*|ate|eaten|eats?|kept|took|retained|captured)\b|\bcards?\b.{0,30}\b(?:swallow\w*|eaten|stuck|retained|captured)\b.{0,12}(?:\b(?:in|inside|by)\b|$)|\b(?:swallowed|ate|eaten|retained)\b.{0,15}\b(?:card|money|cash)\b|\b(?:atm|machine|cash ?point)\b.{0,60}\b(?:no (?:cash|money)|(?:didn'?t|did not|never) (?:give|dispense|pay|get|spit|come|receive)\w*|nothing came)|\b(?:no (?:cash|money)|nothing) came out\b",
    ),
    ("account_taken_over", rf"\bhacked\b|\b{_SOMEBODY}\b.{{0,25}}\b(?:logged in(?:to)?|log(?:s|ging)? in(?:to)?|got into|access\w*)\b.{{0,25}}\b(?:my|account)\b|\b{_SOMEBODY}\b.{{0,12}}\bchanged my password|\bremote(?:ly)? control|\bshar(?:ed|ing) (?:my|the) screen"),
    ("identity_misused", r"\bidentity (?:theft|was stolen|stolen)|\bstole my (?:identity|id)\b|\b(?:loan|card|account)s?\b.{0,30}\b(?:opened|taken out|applied)\b.{0,20}\b(?:in|under|with|using) my (?:name|id\w*)\b"),
    (
        "lost_card",
        r"\b(?:lost|stolen|missing|stole|nicked|misplaced)\b.{0,15}\b(?:bank ?|debit ?|credit ?)?(?:cards?|phone(?! number)|mobile(?! number)|wallet|purse|handbag|passbook)\b|\b(?:cards?|phone|mobile|wallet|purse|handbag|passbook)\b(?: \w+){0,2} (?:lost|stolen|missing|gone|nicked)\b|\b(?:block|freeze|stop) (?:it|my (?:bank |debit |credit )?(?:card|account)|the card)\b.{0,25}\b(?:now|please|pls|at once|immediately|asap|quick\w*|urgent\w*)",
    ),
    ("funds_blocked_in_emergency", rf"\b(?:hospital|surgery|emergency|ambulance|icu|medical bills?)\b.{{0,70}}\b(?:frozen|blocked|locked|declined|(?:{_CAN_NOT}) (?:pay|withdraw|use|get))|\b(?:frozen|blocked|locked|declined)\b.{{0,70}}\b(?:hospital|surgery|emergency|ambulance|icu)\b"),
)  # fmt: skip
# What speaks against an alarm: only supposed, denied, over, long ago.
NO_ALARM = (
    r"\bwhat if\b|\bif (?:i|my|the|someone|somebody|a|it)\b|\bin case\b|\b(?:worried|afraid|scared|fear)\b.{0,25}\b(?:might|may|could|will|would|of being|of getting)\b|\bhow (?:do|can|to|does|should)\b.{0,25}\b(?:prevent|avoid|protect|spot|recogni[sz]e|stop being)|\bhow likely\b|\bhow (?:do|can|to|does|should)\b.{0,12}\breport\b|"
    r"\b(?:not|wasn'?t|isn'?t|never|hasn'?t been|haven'?t) (?:been |being |actually )?(?:stolen|lost|swallowed|scammed|hacked|conned)\b|"
    r"\b(?:already|now|finally) (?:been )?(?:resolved|solved|sorted|refunded|settled|returned)|\bgot (?:it|my (?:card|money|cash)|the (?:card|money|cash)) back\b|\bfound (?:it|my (?:card|phone|wallet))\b|"
    r"\b(?:last (?:month|year)|(?:a|one|two|three|four|five|six|several|few|many|\d+) (?:weeks?|months?|years?) ago)\b"
)

_PERSON = r"(?:person|human(?: being)?|agent|somebody|someone|some ?one|representative|rep|manager|supervisor|operator|staff|advis[eo]r|customer (?:service|support)|colleague|people)"
PERSON = (
    rf"\b(?:talk|speak|chat|connect|transfer|put|get|pass)(?:ing)?\b(?: me)?(?: now)?(?: on| through| over)?(?: to| with)? (?:a |an |the |your |any |some |one of your )?(?:real |live |actual |human |proper )*{_PERSON}\b"
    rf"|\b(?:real|live|actual) (?:person|human|agent|people)\b|\b(?:want|need|give me|get me|call|like|let me have)\b(?: to have)? (?:a |an |the |your |some )?(?:real |live |human )*(?:person|human|agent|representative|manager|supervisor|operator)\b"
    r"|^\W*(?:a |an |the )?(?:(?:live |human |real )?(?:agent|human|person|representative|operator|manager|supervisor|rep)|customer (?:service|support))s?(?:[\s,]*(?:please|pls|plz|now))*\W*$"
    r"|\b(?:no|not|stop|hate|tired of)\b.{0,20}\b(?:bots?|robots?|machines?)\b(?! (?:ate|swallow|kept|took))\W*$"
)
# Somebody tells how they tried to reach one, or wants none.
NO_PERSON = r"\b(?:asked|tried|trying|wanted|waited|waiting|hours?|minutes|been|refused|told|when i|after i)\b.{0,30}\b(?:talk|speak|get through|put|transfer)|\b(?:don'?t|do not|no need|needn'?t) (?:want |need |have )?(?:to )?(?:talk|speak|a person|a human|an agent|call)"

STATUS = r"\b(?:ticket|complaint|case|request|feedback)\b.{0,12}\b(?:status|progress)\b|\b(?:status|progress|news|update)\b.{0,12}\b(?:of|on|about|for) (?:my|the|this) (?:\w+ )?(?:ticket|complaint|case|request|feedback)\b|\b(?:where is|what happened (?:to|with)|how is|any news on|following up on|follow up on|check(?: on)?) my (?:ticket|complaint|case|feedback)\b"
COMPLAINS = r"\b(?:i|we)(?:'d| would| want| wish| need| am| have|'m)?(?: like| here)?(?: to)?(?: make| file| lodge| raise| submit)?(?: a| an| another)?(?: formal| new)? ?(?:complain|complaint|complaining)\b|^\W*complain\w*\W*$|\breport a problem\b"
GRIEVANCE = (
    r"\b(?:unacceptable|ridiculous|disgust\w*|terribl[ey]|horrible|awful|appalling|outrag\w+|useless|rubbish|worst|rude(?:ly)?|incompetent|disappoint\w*|unhappy|furious|angry|fed up|frustrat\w*|annoy\w*|"
    r"shame|pathetic|joke|scandal\w*|overcharg\w*|over-charg\w*|double[- ]charg\w*|charged (?:me )?(?:twice|again|double|wrongly|for)|ripped? off|hidden (?:fees?|charges?)|refund|money back|waited|kept (?:me )?waiting|"
    r"no ?(?:one|body) (?:answer\w*|help\w*|repl\w*|cares?|picks?|picked|came|does)|ignored?|hung up|misled|mislead\w*|lied|lying|liars?|cheated|thieves|crooks|robbers|shout\w*|insult\w*|refused?|complain\w*|wasted?|crap|shit\w*|bullshit|f+u+c+k\w*|hate|sick of|sue|suing|lawyer|legal action|newspapers?|disgrace\w*)\b"
)
TROUBLE = (
    rf"\b(?:was|been|am|being|got|were|you|keeps?|they) charg(?:ed|ing)\b|\b(?:{_CAN_NOT})\b(?: \w+)? (?:work|load|open|let|receive|received|arrive|arrived|been|respond|reply|replied|log ?in|get|got|gotten|accept|give|pay|use|transfer|withdraw|see|find|update|install|register|come|came|show|go|send|sign)\w*|"
    r"\b(?:dosn'?t|dont|doesnt|didnt|cant|wont) (?:work|let|open|load|log|pay|use|get|come)\w*|\b(?:crash\w*|freez(?:es|ing)|froze|frozen|stuck|broken|fail(?:s|ed|ing|ure)?|errors?|declined|rejected|kick(?:s|ed|ing)? me out|locked (?:me )?out|blank screen|missing|disappear\w*|too slow|so slow|very slow|delay\w*|blocked|"
    r"(?:problems?|issues?|trouble) with|wrong (?:amount|fee|charge|sum|balance|information|name)|still (?:not|no|haven'?t|hasn'?t|waiting|pending))\b"
)
PRAISES = (
    r"\b(?:praise|compliment|commend|kudos|well done|good job|great job|(?:very|so|really|extremely|most) (?:helpful|kind|patient|friendly|professional|polite|convenient|good|nice)|(?:was|is|were|are) (?:lovely|brilliant|wonderful|great|excellent|amazing|fantastic|helpful)|"
    r"(?:great|excellent|amazing|wonderful|fantastic|outstanding|brilliant|lovely|perfect) (?:service|job|work|staff|help|employee|team|app|experience|bank)|thank .{2,40} for (?:her|his|their)|love (?:it|the app|your|this))\b"
)
NO_PRAISE = rf"{GRIEVANCE}|\b(?:not|isn'?t|wasn'?t|never|but|hardly|should)\b"
SUGGESTS = r"\b(?:suggestions?|suggest(?:ing)?|(?:it )?would be (?:nice|great|good|better|helpful|useful)|it'?d be (?:nice|great|good|better)|i wish (?:you|the|your|there|it)|please (?:add|support|offer|consider)|you (?:should|could) (?:add|offer|make|have|support|let|allow|open)|why (?:don'?t|not) you (?:add|offer|make)|feature request|idea for)\b"
ASKS = r"^\W*(?:(?:hi|hello|hey|please|excuse me|sorry|good morning|good afternoon)\W+)?(?:what|how|where|when|which|who|why|can (?:i|you|we)|could (?:i|you)|do (?:you|i|we)|is (?:there|it|the|my)|are (?:there|you)|does|may i|should i|am i|will (?:you|i|my|it)|tell me|(?:i'?d|i would) like to know|i want to know|what'?s|how'?s|where'?s)\b|\?\s*$"

EMOTIONS: tuple[tuple[Emotion, str], ...] = (
    (Emotion.DISTRESSED, r"\b(?:desperate|please help(?: me)?|help me|panic\w*|crying|in tears|terrified|scared|all (?:of )?my (?:savings|money)|life savings|don'?t know what to do|begging|can'?t sleep|so worried)\b"),
    (Emotion.ANGRY, r"\b(?:furious|angry|outrag\w+|ridiculous|disgust\w*|unacceptable|scandal\w*|thieves|robbers|crooks|f+u+c+k\w*|shit\w*|bullshit|damn\w*|bloody|wtf|idiots?|morons?|incompetent|pathetic|fed up|sick of|hate|how dare you|rip(?:ped)? off|liars?)\b|!{3,}"),
    (Emotion.DISSATISFIED, rf"{GRIEVANCE}|\b(?:upset|not happy|too long|again and again)\b|!!"),
)  # fmt: skip
SIGNS: tuple[tuple[EscalationSign, str], ...] = (
    (EscalationSign.REGULATOR, r"\b(?:regulators?|ombudsman|cbirc|nfra|pboc|central bank|consumer (?:association|protection)|financial authority|12378|12363|12345)\b"),
    (EscalationSign.MEDIA, r"\b(?:newspapers?|journalists?|reporters?|the (?:press|media)|social media|twitter|weibo|go(?:ing)? public|tiktok|douyin|on (?:tv|youtube|facebook))\b"),
    (EscalationSign.LAWYER, r"\b(?:lawyers?|solicitors?|attorneys?|sue|suing|legal action|take you to court|in court|lawsuit)\b"),
    (EscalationSign.SELF_HARM, r"\b(?:kill(?:ing)? myself|suicid\w*|end my (?:own )?life|end it all|(?:want|going) to die|don'?t want to (?:live|be alive)|no reason to live|better off dead|harm(?:ing)? myself|hurt(?:ing)? myself|jump off)\b"),
    (EscalationSign.THREAT, r"\b(?:bomb|burn (?:down|your|the)|blow up|kill (?:you|him|her|them|your|the (?:teller|manager|clerk|staff))|shoot|smash (?:your|the|up)|beat (?:you|him|her|them) up|hurt (?:you|him|her|them|someone|somebody)|stab)\b"),
    (EscalationSign.ELDERLY, r"\b(?:elderly|pensioner|my (?:mother|father|mum|mom|dad|grand(?:mother|father|ma|pa)|gran|parents|nan)|(?:[6-9]\d)[ -]years?[ -]old)\b"),
    (EscalationSign.DISABLED, r"\b(?:disab\w+|wheelchair|blind|deaf)\b"),
    (EscalationSign.MINOR, r"\b(?:my (?:son|daughter|child|kid|boy|girl)\b.{0,40}\b(?:spent|bought|topped up|paid|game|games|gifts?)|minor)\b"),
    (EscalationSign.HARDSHIP, r"\b(?:unemployed|lost my job|no money for|can'?t afford|hospital|surgery|cancer|homeless)\b"),
    (EscalationSign.GROUP, r"\b(?:all of us|class action|\d{2,} of us|many of us|other customers (?:too|as well))\b"),
)  # fmt: skip

PRODUCTS: tuple[tuple[Product, str], ...] = (
    (Product.ATM_SELFSERVICE, r"\b(?:atms?|cash ?points?|machines?)\b"),
    (Product.CREDIT_CARD, r"\b(?:credit cards?|credit limit|minimum payment)\b"),
    (Product.HOTLINE, r"\b(?:hotline|call cent(?:re|er)|phone (?:line|service)|telephone (?:line|service))\b"),
    (Product.BRANCH_SERVICE, r"\b(?:branch|teller|counter|clerk|lobby|security guard|queued?|queuing|manager)\b"),
    (Product.MOBILE_APP, r"\b(?:app|apps|mobile banking|online banking|log ?in|logging in|login|update)\b"),
    (Product.LOAN, r"\b(?:loans?|mortgages?|repayments?)\b"),
    (Product.WEALTH_FUND, r"\b(?:funds?|wealth|investments?|shares|gold)\b"),
    (Product.FEES, r"\b(?:fees?|charged? me|charges|overcharg\w*|hidden (?:fee|charge)s?)\b"),
    (Product.PAYMENT_TRANSFER, r"\b(?:transfer\w*|payments?|remittance|wire[ds]?|paid|paying)\b"),
    (Product.DEBIT_CARD, r"\b(?:debit cards?|bank cards?|cards?)\b"),
    (Product.ACCOUNT_DEPOSIT, r"\b(?:accounts?|deposits?|savings?|passbook|balance|salary)\b"),
)  # fmt: skip
# Alarms that are about the safety of money, whatever they name besides.
SECURITY = frozenset({"stolen_funds", "unauthorised_debit", "unknown_transaction", "scam", "code_given_away", "account_taken_over", "identity_misused"})  # fmt: skip
CORRECTS = r"\b(?:should (?:be|say|read)|change (?:it|the|my)\b.{0,30}\bto|instead of|rather than|i meant|make (?:it|that)|correction|is wrong|was wrong|that'?s (?:wrong|not right)|not (?:on |at |in )?(?:the )?\w+(?: \w+)?,? but)\b|^\W*(?:no\W+|sorry\W+|actually\W+)+(?:it|the|my|that)\b|,? not (?:on |at |in )?(?:cny |rmb )?[\w:]+(?: (?:yuan|rmb))?\W*$"
