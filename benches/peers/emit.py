#!/usr/bin/env python3
"""rules.yaml -> one directory of rule files per contestant.

usage: emit.py OUT      (SCALE=n: n variants of every rule with shifted thresholds, for jakscreen only)

A contestant without three-valued logic (JSONLogic) gets two boolean expressions per rule, `t` (certainly true) and `f`
(certainly false); unknown is neither. The pair is derived mechanically, so a dropped guard cannot differ between
contestants. jakscreen gets a library of its own: dictionary, hazards, policy and one label.
"""
import json, os, sys, yaml
from datetime import date, timedelta

HERE = os.path.dirname(os.path.abspath(__file__))
D = yaml.safe_load(open(os.path.join(HERE, "rules.yaml")))
OUT = sys.argv[1]; os.makedirs(OUT, exist_ok=True)
ASOF = date.fromisoformat(D["asof"])
CUT = lambda days: (ASOF - timedelta(days=days)).isoformat()
LABCUT = CUT(D["lab_max_age_days"])
IDS = [r["id"] for r in D["rules"]]
NEG = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
SYM = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
def sset(x): return D["sets"][x] if isinstance(x, str) else x
def alts(name, v): return [(u, round(v * f, 6)) for u, f in D["units"][name]]

# ---- two-valued syntax: tuples -------------------------------------------------
# ("and",[..]) ("or",[..]) ("not",x) ("known",path) ("num",path,op,c) ("in",path,[..])
# ("dge",path,iso) ("bool",path,True) ("med",[..]) ("prior",[..],[..])
def AND(*x): return ("and", list(x)) if len(x) > 1 else x[0]
def OR(*x): return ("or", list(x)) if len(x) > 1 else x[0]

def lab_cur(n, cut): return AND(("known", f"labs.{n}"), ("known", f"labs.{n}.value"), ("dge", f"labs.{n}.date", cut))
def scr_cur(n, days): return AND(("known", f"screens.{n}"), ("dge", f"screens.{n}.date", CUT(days)))
def lab_cmp(a, op):
    return OR(*[AND(("in", f"labs.{a['name']}.unit", [u]), ("num", f"labs.{a['name']}.value", op, c)) for u, c in alts(a["name"], a["value"])])

def tf(e):
    """(certainly true, certainly false) of a rules.yaml expression"""
    (k, a), = e.items()
    if k == "not":
        t, f = tf(a); return f, t
    if k in ("all", "any"):
        ts, fs = zip(*[tf(x) for x in a])
        return (AND(*ts), OR(*fs)) if k == "all" else (OR(*ts), AND(*fs))
    if k == "num":
        kn = ("known", a["field"]); return AND(kn, ("num", a["field"], a["op"], a["value"])), AND(kn, ("num", a["field"], NEG[a["op"]], a["value"]))
    if k == "in":
        s = sset(a["set"]); return ("in", a["field"], s), AND(("known", a["field"]), ("not", ("in", a["field"], s)))
    if k == "lab":
        c = lab_cur(a["name"], LABCUT); return AND(c, lab_cmp(a, a["op"])), AND(c, lab_cmp(a, NEG[a["op"]]))
    if k == "cond": return ("bool", f"conditions.{a}", True), ("bool", f"conditions.{a}", False)
    if k == "med": return AND(("known", "meds"), ("med", sset(a["set"]))), AND(("known", "meds"), ("not", ("med", sset(a["set"]))))
    if k == "prior":
        x = ("prior", sset(a["drugs"]), sset(a["outcomes"])); return AND(("known", "prior"), x), AND(("known", "prior"), ("not", x))
    if k == "screen":
        c = scr_cur(a["name"], a["days"]); i = ("in", f"screens.{a['name']}.result", sset(a["set"])); return AND(c, i), AND(c, ("not", i))
    if k == "lab_current": x = lab_cur(a["name"], CUT(a["days"]))
    elif k == "screen_current": x = scr_cur(a["name"], a["days"])
    elif k == "cond_known": x = OR(("bool", f"conditions.{a}", True), ("bool", f"conditions.{a}", False))
    elif k == "num_known": x = ("known", a)
    else: raise SystemExit(k)
    return x, ("not", x)

def flat(x):
    """merge nested and/or"""
    if x[0] in ("and", "or"):
        r = []
        for y in map(flat, x[1]): r += y[1] if y[0] == x[0] else [y]
        return (x[0], r)
    return ("not", flat(x[1])) if x[0] == "not" else x

PAIRS = [(r["id"],) + tuple(flat(z) for z in tf(r["when"])) for r in D["rules"]]

def save(name, obj):
    p = os.path.join(OUT, name); os.makedirs(os.path.dirname(p), exist_ok=True)
    with open(p, "w") as f: f.write(obj if isinstance(obj, str) else json.dumps(obj, indent=1))

save("ids.json", IDS)
# ---- JSONLogic -----------------------------------------------------------------------
def jl(x):
    k = x[0]
    if k in ("and", "or"): return {k: [jl(y) for y in x[1]]}
    if k == "not": return {"!": jl(x[1])}
    v = lambda: {"var": x[1]}
    if k == "known": return {"!==": [v(), None]}
    if k == "num": return {SYM[x[2]]: [v(), x[3]]}
    if k == "in": return {"===": [v(), x[2][0]]} if len(x[2]) == 1 else {"in": [v(), x[2]]}
    if k == "dge": return {">=": [v(), x[2]]}
    if k == "bool": return {"===": [v(), x[2]]}
    if k == "med": return {"some": [{"var": "meds"}, {"in": [{"var": ""}, x[1]]}]}
    if k == "prior": return {"some": [{"var": "prior"}, {"and": [{"in": [{"var": "drug"}, x[1]]}, {"in": [{"var": "outcome"}, x[2]]}]}]}
save("jsonlogic/pairs.json", [{"id": i, "t": jl(t), "f": jl(f)} for i, t, f in PAIRS])
SC = int(os.environ.get("SCALE", "1"))  # scaling experiment: n variants of every rule with shifted thresholds, for jakscreen only
def shift(e, k):
    (t, a), = e.items()
    if t == "not": return {t: shift(a, k)}
    if t in ("all", "any"): return {t: [shift(x, k) for x in a]}
    if k and t == "lab": a = {**a, "value": round(a["value"] * (1 + .01 * k), 4)}
    if k and t == "num": a = {**a, "value": a["value"] + k}
    return {t: a}

# ---- jakscreen ------------------------------------------------------------------------
# Atoms that are two-valued, and results of their own time windows, become facts of their own: the adapter says them.
FACTS = {}  # section -> {fact: definition}
def fact(section, name, **f):
    FACTS.setdefault(section, {})[name] = {"name": name.replace("_", " "), "question": f"{name}?", **f}
    return name
def state(name): return fact("history", name, kind="state")
WORD = {"lt": "below", "le": "at_most", "gt": "above", "ge": "at_least"}
CHOICES = {"sex": ["f", "m"], "drug": ["tofacitinib", "baricitinib", "upadacitinib", "filgotinib", "abrocitinib", "ritlecitinib", "deucravacitinib"],
           "indication": ["ra", "psa", "axspa", "uc", "cd", "ad", "aa", "gca"], "jurisdiction": ["eu", "us", "uk", "ch"]}
def jak(e):
    (k, a), = e.items()
    if k == "not": return {"not": jak(a)}
    if k in ("all", "any"): return {k: [jak(x) for x in a]}
    if k == "num":
        return {fact("about", a["field"], kind="quantity", units="years", possible=[0, 150]): {WORD[a["op"]]: f"{a['value']} years"}}
    if k == "in":
        name = fact("about", "its_" + a["field"], kind="choice", choices=CHOICES[a["field"]])
        return {name: [x.lower() for x in sset(a["set"]) if x.lower() in CHOICES[a["field"]]]}
    if k == "lab":
        name = fact("tests", a["name"], kind="quantity", units=a["name"], possible=[0, 100000], sample="blood")
        return {name: {WORD[a["op"]]: f"{a['value']} {D['units'][a['name']][0][0]}"}}
    if k == "cond": return {state("its_" + a): "yes"}
    if k == "cond_known": return {state(a + "_known"): "yes"}
    if k == "med": return {"taking": {"class": a["set"]}}
    if k == "prior":
        return {"treated": {"with": "before_" + a["drugs"], "outcome": sset(a["outcomes"]), "at_least": 1}}
    if k == "screen":
        name = fact("tests", f"{a['name']}_of_{a['days']}", kind="choice", choices=["negative", "positive", "unclear"], sample="blood")
        return {name: ["unclear" if x == "indeterminate" else x for x in a["set"]]}
    if k in ("lab_current", "screen_current"): return {state(f"{a['name']}_within_{a['days']}"): "yes"}
    raise SystemExit(k)

RULES = D["rules"] if SC == 1 else [{"id": r["id"] + f".{k}", "when": shift(r["when"], k)} for k in range(SC) for r in D["rules"]]
cited = {"section": "1", "seen": "unverified"}
criteria = [{"id": f"r{i:03}-{r['id']}".replace("_", "-").replace(".", "-"), "hazard": "any", "when": jak(r["when"]), "strength": "weigh", "says": "A rule of the benchmark.", **cited}
            for i, r in enumerate(RULES)]
fact("plan", "indication", kind="choice", choices=["rheumatoid_arthritis"])
classes = {}
for name in list(SETS_MED := sorted({a for a in D["sets"] if a not in ("jak", "failed")})):
    for prefix in ("", "before_"):
        classes[prefix + name] = {"name": prefix + name, "question": f"{name}?", "seen": "unverified"}
medicines = {}
for name in sorted({m for s in SETS_MED for m in D["sets"][s]}):
    for prefix in ("", "before_"):
        medicines[prefix + name] = {"classes": [prefix + s for s in SETS_MED if name in D["sets"][s]]}
medicines.setdefault("upadacitinib", {"classes": []})
units = {"years": {"canonical": "years", "units": {"years": {"factor": 1, "spellings": []}}}}
for name, us in D["units"].items():
    # the last unit is canonical, so that factors are exact
    units[name] = {"canonical": us[-1][0], "units": {u: {"factor": us[-1][1] if u != us[-1][0] else 1, "spellings": []} for u, _ in reversed(us)}}
LIB = {"units.yaml": {"units": units}, "medicines.yaml": {"classes": classes, "medicines": medicines},
       "hazards.yaml": {"hazards": {"any": {"order": 1, "name": "any harm", "why": "A benchmark.", "plain": "A benchmark."}}},
       "policy.yaml": {"validity": {"statements": "30 days"}},
       "label.yaml": {"document": {"id": "us/upadacitinib", "title": "The rules of the benchmark", "drug": "upadacitinib", "jurisdiction": "us",
                                   "revision": "2026-06", "url": "https://example.org", "reviewed": "none"},
                      "indications": [{"indication": "rheumatoid_arthritis", "requires": {"age": {"at_least": "0 years"}}, **cited}],
                      "criteria": criteria},
       **{s + ".yaml": {"section": s, "facts": f} for s, f in FACTS.items()}}
for name, tree in LIB.items():
    save("jakscreen/" + name, "# Made by emit.py from rules.yaml.\n" + yaml.safe_dump(json.loads(json.dumps(tree)), sort_keys=False, width=160))
