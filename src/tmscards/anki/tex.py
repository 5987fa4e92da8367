r"""The TeX that a card may hand to Anki's MathJax: commands that draw, and none that reach beyond the formula.

MathJax has commands that load a picture, make a link, carry any style sheet, define other commands for all cards that
follow, or never end. So a formula may have the commands and environments that are listed here, with harmless arguments.
They are from MathJax 3.2.2, which Anki has had since 2.1.55. Left out are, for example, `\href`, `\style`, `\class`,
`\cssId`, `\require`, `\unicode`, `\mmlToken`, `\toggle`, `\def`, `\newcommand` and `\ref`.
"""

from __future__ import annotations

import re

_MOST = 3_000
"""Characters of a formula; the longest that we have seen in a note has 417."""
_DEEPEST = 50
r"""How many braces, \left and \begin may be open at once: MathJax calls itself for each."""
_FARTHEST = 20.0
"""How long all spaces, rules and shifts of a formula may be together, in em: longer ones cover what is around it."""
_MOST_COPIED = 8
"""How often it may have \\pmb, which doubles what it is given: ten within each other make a thousand."""
_MOST_CELLS = 2_500
"""Of a table, counted as if every row were as long as the longest: MathJax fills them up."""
_ENLARGING = frozenset("large Large LARGE huge Huge".split())
_MOST_ENLARGED = 4
"""How many commands for a larger size: within text, each multiplies the size around it."""

_COMMAND = re.compile(r"\\([a-zA-Z]+|.|$)", re.S)
_ENVIRONMENT = re.compile(r"\s*\{\s*([a-zA-Z]+\*?)\s*\}")
_SIGNS = frozenset(" !\"#$%&'*+,-./:;<=>?@\\^_`{|}~\n")
"""The commands that are not letters. Without parentheses and brackets: those begin and end a formula."""
_NESTING = re.compile(r"\\(left|begin|right|end)(?![a-zA-Z])|\\.|([{}])", re.S)
_LENGTHS = re.compile(
    r"\\(?:(?:hspace\*?|mspace|rule|genfrac)((?:\s*(?:\{[^{}]*\}|\[[^\]]*\]|[(|.)\]]))+)"
    r"|(?:kern|mkern|hskip|mskip|raise|lower|moveleft|moveright)\s*(\{?[^a-zA-Z]{0,30}[a-z]{2})"
    r"|[\\*]\s*(\[[^\]]*\]))"
)
_LENGTH = re.compile(r"(\d*[.,]?\d+|\d+[.,])\s*(em|ex|pt|px|pc|mm|cm|in|mu)")
_EM = {"em": 1, "ex": 0.43, "pt": 0.1, "px": 0.06, "pc": 1.2, "mm": 0.24, "cm": 2.4, "in": 6, "mu": 0.06}

_COLOUR = (
    r"\s*(?:\[\s*(?:named|HTML|rgb|RGB|gray)\s*\])?"
    r"\s*\{\s*(?:[a-zA-Z][a-zA-Z0-9!-]{0,40}|\#?[0-9a-fA-F]{3,8}|[\d., ]{1,30})\s*\}"
)
_ARGUMENTS = {
    **dict.fromkeys(("color", "textcolor", "colorbox", "cellcolor", "rowcolor", "columncolor"), _COLOUR),
    "fcolorbox": _COLOUR * 2,
    "bbox": r"\s*(?:\[[\w#., ]*\]\s*)?\{",
    **dict.fromkeys(("cancel", "bcancel", "xcancel", "cancelto", "overbracket", "underbracket"), r"\s*[^\s\[]"),
    "enclose": r"\s*\{[a-z ,]*\}\s*[^\s\[]",
    "label": r"\s*\{[\w:., -]{1,60}\}",
    **dict.fromkeys(("uproot", "leftroot"), r"\s*(?:\{\s*-?\d{1,2}\s*\}|\d)"),
}
"""What must follow a command; a colour is a word or a hexadecimal number, and options that can carry styles are out."""
_ARGUMENT = {name: re.compile(pattern) for name, pattern in _ARGUMENTS.items()}

_SIZES = frozenset("tiny Tiny scriptsize small normalsize large Large LARGE huge Huge".split())
_FONTS = """
    displaystyle textstyle scriptstyle scriptscriptstyle rm mit oldstyle cal it bf bbFont scr frak sf tt mathrm mathup
    mathnormal mathbf mathbfup mathit mathbfit mathbb Bbb mathfrak mathbffrak mathscr mathbfscr mathsf mathsfup mathbfsf
    mathbfsfup mathsfit mathbfsfit mathtt mathcal mathbfcal symrm symup symnormal symbf symbfup symit symbfit symbb
    symfrak symbffrak symscr symbfscr symsf symsfup symbfsf symbfsfup symsfit symbfsfit symtt symcal symbfcal textrm
    textup textnormal textit textbf textsf texttt boldsymbol pmb text mbox fbox hbox
"""
_BUILDING = """
    limits nolimits overline underline overbrace underbrace overparen underparen overrightarrow underrightarrow
    overleftarrow underleftarrow overleftrightarrow underleftrightarrow overset underset overunderset stackrel stackbin
    over overwithdelims atop atopwithdelims brace brack choose frac sqrt root uproot leftroot left right middle llap
    rlap raise lower moveleft moveright enspace quad qquad thinspace negthinspace hskip hspace kern mskip mspace mkern
    rule nonscript big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm mathord mathop
    mathopen mathclose mathbin mathrel mathpunct mathinner vcenter buildrel boxed framebox strut mathstrut phantom
    vphantom hphantom smash acute grave ddot tilde bar breve check hat vec dot widetilde widehat matrix array pmatrix
    cases eqalign displaylines cr newline hline hdashline eqalignno leqalignno hfill hfil hfilll bmod pmod mod pod iff
    TeX LaTeX not dots space begin end label nonumber mathring nobreakspace negmedspace negthickspace
    idotsint dddot ddddot sideset tag notag substack injlim projlim varliminf varlimsup varinjlim varprojlim
    operatorname genfrac tfrac dfrac binom tbinom dbinom cfrac shoveleft shoveright xrightarrow xleftarrow bbox bra ket
    braket set Bra Ket Braket Set ketbra Ketbra cancel bcancel xcancel cancelto centerOver centernot color textcolor
    colorbox fcolorbox cellcolor rowcolor columncolor enclose xtwoheadrightarrow xtwoheadleftarrow xmapsto xlongequal
    xtofrom xleftrightarrow xLeftarrow xRightarrow xLeftrightarrow xhookleftarrow xhookrightarrow xrightharpoondown
    xleftharpoondown xrightleftharpoons xrightharpoonup xleftharpoonup xleftrightharpoons xRightleftharpoons mathllap
    mathrlap mathclap clap textllap textrlap textclap cramped crampedsubstack overbracket underbracket Aboxed
    splitfrac splitdfrac prescript ce pu bond AxiomC UnaryInfC BinaryInfC TrinaryInfC
    QuaternaryInfC QuinaryInfC RightLabel LeftLabel AXC UIC BIC TIC RL LL noLine singleLine solidLine dashedLine
    fCenter arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log
    max min Pr sec sin sinh sup tan tanh
"""
_LETTERS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi
    psi omega varepsilon vartheta varpi varrho varsigma varphi Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi
    Omega varGamma varDelta varTheta varLambda varXi varPi varSigma varUpsilon varPhi varPsi varOmega digamma varkappa
    upalpha upbeta upgamma updelta upepsilon upzeta upeta uptheta upiota upkappa uplambda upmu upnu upxi upomicron uppi
    uprho upsigma uptau upupsilon upphi upchi uppsi upomega upvarepsilon upvartheta upvarpi upvarrho upvarsigma
    upvarphi Upgamma Updelta Uptheta Uplambda Upxi Uppi Upsigma Upupsilon Upphi Uppsi Upomega beth gimel daleth aleph
    S hbar imath jmath ell wp Re Im partial infty prime emptyset nabla top bot angle triangle backslash forall exists
    neg lnot flat natural sharp clubsuit diamondsuit heartsuit spadesuit backprime hslash varnothing blacktriangle
    triangledown blacktriangledown square Box blacksquare lozenge Diamond blacklozenge circledS bigstar sphericalangle
    measuredangle nexists complement mho eth Finv diagup Game diagdown Bbbk yen circledR checkmark maltese ohm degree
    celsius perthousand micro
"""
_OPERATORS = """
    surd coprod bigvee bigwedge biguplus bigcap bigcup int intop iint iiint iiiint prod sum bigotimes bigoplus bigodot
    oint bigsqcup smallint triangleleft triangleright bigtriangleup bigtriangledown wedge land vee lor cap cup ddagger
    dagger sqcap sqcup uplus amalg diamond bullet wr div divsymbol odot oslash otimes ominus oplus mp pm circ bigcirc
    setminus cdot ast times star propto sqsubseteq sqsupseteq parallel mid dashv vdash leq le geq ge lt gt succ prec
    approx succeq preceq supset subset supseteq subseteq in ni notin owns gg ll sim simeq perp equiv asymp smile frown
    ne neq cong doteq bowtie models notChar ldots cdots vdots ddots dotsc dotsb dotsm dotsi dotso ldotp cdotp colon
    dotplus ltimes smallsetminus rtimes Cap doublecap leftthreetimes Cup doublecup rightthreetimes barwedge curlywedge
    veebar curlyvee doublebarwedge boxminus circleddash boxtimes circledast boxdot circledcirc boxplus centerdot
    divideontimes intercal leqq geqq leqslant geqslant eqslantless eqslantgtr lesssim gtrsim lessapprox gtrapprox
    approxeq lessdot gtrdot lll llless ggg gggtr lessgtr gtrless lesseqgtr gtreqless lesseqqgtr gtreqqless doteqdot
    Doteq eqcirc risingdotseq circeq fallingdotseq triangleq backsim thicksim backsimeq thickapprox subseteqq supseteqq
    Subset Supset sqsubset sqsupset preccurlyeq succcurlyeq curlyeqprec curlyeqsucc precsim succsim precapprox
    succapprox vartriangleleft lhd vartriangleright rhd trianglelefteq unlhd trianglerighteq unrhd vDash Vdash Vvdash
    smallsmile shortmid smallfrown shortparallel bumpeq between Bumpeq pitchfork varpropto backepsilon
    blacktriangleleft blacktriangleright therefore because eqsim vartriangle Join nless ngtr nleq ngeq nleqslant
    ngeqslant nleqq ngeqq lneq gneq lneqq gneqq lvertneqq gvertneqq lnsim gnsim lnapprox gnapprox nprec nsucc npreceq
    nsucceq precneqq succneqq precnsim succnsim precnapprox succnapprox nsim ncong nshortmid nshortparallel nmid
    nparallel nvdash nvDash nVdash nVDash ntriangleleft ntriangleright ntrianglelefteq ntrianglerighteq nsubseteq
    nsupseteq nsubseteqq nsupseteqq subsetneq supsetneq varsubsetneq varsupsetneq subsetneqq supsetneqq varsubsetneqq
    varsupsetneqq centercolon ordinarycolon coloneqq Coloneqq coloneq Coloneq eqqcolon Eqqcolon eqcolon Eqcolon
    colonapprox Colonapprox colonsim Colonsim dblcolon bigtimes
"""
_ARROWS = """
    Leftrightarrow Leftarrow Rightarrow leftrightarrow leftarrow gets rightarrow to mapsto leftharpoonup
    leftharpoondown rightharpoonup rightharpoondown nearrow searrow nwarrow swarrow rightleftharpoons hookrightarrow
    hookleftarrow longleftarrow Longleftarrow longrightarrow Longrightarrow Longleftrightarrow longleftrightarrow
    longmapsto implies impliedby leftleftarrows rightrightarrows leftrightarrows rightleftarrows Lleftarrow Rrightarrow
    twoheadleftarrow twoheadrightarrow leftarrowtail rightarrowtail looparrowleft looparrowright leftrightharpoons
    curvearrowleft curvearrowright circlearrowleft circlearrowright Lsh Rsh upuparrows downdownarrows upharpoonleft
    upharpoonright downharpoonleft restriction multimap downharpoonright leftrightsquigarrow rightsquigarrow leadsto
    dashrightarrow dashleftarrow nleftarrow nrightarrow nLeftarrow nRightarrow nleftrightarrow nLeftrightarrow nuparrow
    ndownarrow longrightleftharpoons longRightleftharpoons longLeftrightharpoons longleftrightarrows uparrow downarrow
    updownarrow Uparrow Downarrow Updownarrow tripledash
"""
_DELIMITERS = """
    lt gt lmoustache rmoustache lgroup rgroup arrowvert Arrowvert bracevert Vert vert rangle langle rbrace lbrace rceil
    lceil rfloor lfloor lbrack rbrack ulcorner urcorner llcorner lrcorner lvert rvert lVert rVert lparen rparen
"""
_TEXT_SIGNS = """
    asciicircum asciitilde asteriskcentered backslash bar braceleft braceright bullet dagger daggerdbl ellipsis emdash
    endash exclamdown greater less ordfeminine ordmasculine paragraph periodcentered questiondown quotedblleft
    quotedblright quoteleft quoteright section underscore visiblespace baht cent dollar euro sterling won yen copyright
    registered trademark bigcircle brokenbar numero perthousand pertenthousand celsius degree div downarrow leftarrow
    lnot mho minus mu ohm onehalf onequarter onesuperior pm rightarrow surd threequarters threesuperior times
    twosuperior uparrow
"""
COMMANDS = _SIZES.union(
    *(names.split() for names in (_FONTS, _BUILDING, _LETTERS, _OPERATORS, _ARROWS, _DELIMITERS)),
    ("text" + name for name in _TEXT_SIGNS.split()),
)
"""The names of commands that are words, without the backslash."""
ENVIRONMENTS = frozenset(
    """
    array equation equation* eqnarray eqnarray* align align* multline multline* split gather gather* alignat alignat*
    alignedat aligned gathered xalignat xalignat* xxalignat flalign flalign* subarray smallmatrix matrix pmatrix bmatrix
    Bmatrix vmatrix Vmatrix cases CD numcases subnumcases dcases rcases drcases dcases* rcases* drcases* cases* matrix*
    pmatrix* bmatrix* Bmatrix* vmatrix* Vmatrix* smallmatrix* psmallmatrix psmallmatrix* bsmallmatrix bsmallmatrix*
    Bsmallmatrix Bsmallmatrix* vsmallmatrix vsmallmatrix* Vsmallmatrix Vsmallmatrix* crampedsubarray multlined lgathered
    rgathered prooftree
    """.split()
)


def fault(formula: str) -> str:
    """Why a card may not have this formula, given without its delimiters; empty if it may."""
    if len(formula) > _MOST:
        return f"it has {len(formula):,} characters, more than {_MOST:,}"
    names = []
    for found in _COMMAND.finditer(formula):
        names.append(found[1])
        if why := command_fault(formula, found.start()):
            return why
    if _depth(formula) > _DEEPEST:
        return f"more than {_DEEPEST} brackets are open at once"
    rows = re.split(r"\\\\|\\cr\b", formula)
    if len(rows) * (1 + max(row.count("&") for row in rows)) > _MOST_CELLS:
        return f"it has a table of more than {_MOST_CELLS:,} cells"
    if sum(name in _ENLARGING for name in names) > _MOST_ENLARGED:
        return f"it is enlarged more than {_MOST_ENLARGED} times"
    if names.count("pmb") > _MOST_COPIED:
        return rf"it has \pmb more than {_MOST_COPIED} times"
    if _length(formula) > _FARTHEST:
        return f"its spaces and rules are longer than {_FARTHEST:.0f} em together"
    return ""


def command_fault(formula: str, start: int) -> str:
    """Why a card may not have the command that begins with the backslash at `start`; empty if it may."""
    found = _COMMAND.match(formula, start)
    name = found[1] if found else ""
    if name in ("(", ")", "[", "]"):
        return "another formula begins or ends inside it"
    if name not in COMMANDS and name not in _SIGNS:
        return rf"\{name} is not a command that cards may use" if name else "it ends in a backslash"
    end = start + 1 + len(name)
    if name in ("begin", "end"):
        environment = _ENVIRONMENT.match(formula, end)
        if not environment:
            return rf"\{name} does not name an environment"
        if environment[1] not in ENVIRONMENTS:
            return f"{environment[1]} is not an environment that cards may use"
    elif name in _ARGUMENT and not _ARGUMENT[name].match(formula, end):
        return rf"what follows \{name} is not what cards may use with it"
    return ""


def _depth(formula: str) -> int:
    r"""How many braces, \left and \begin are open at once."""
    depth = deepest = 0
    for found in _NESTING.finditer(formula):
        if found[1] in ("left", "begin") or found[2] == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif found[1] or found[2]:
            depth = max(0, depth - 1)
    return deepest


def _length(formula: str) -> float:
    """How long all spaces, rules and shifts are together, in em."""
    return sum(
        float(number.replace(",", ".")) * _EM[unit]
        for found in _LENGTHS.finditer(formula)
        for number, unit in _LENGTH.findall(" ".join(filter(None, found.groups())))
    )
