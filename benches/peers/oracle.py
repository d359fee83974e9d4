#!/usr/bin/env python3
"""Slow, obvious evaluator of rules.yaml: the truth that contestants are compared with.

usage: oracle.py PROFILES OUT [LIMIT]     writes one {"id","flags","unknown"} line per profile
"""
import json, os, sys, yaml
from datetime import date, timedelta

HERE = os.path.dirname(os.path.abspath(__file__))
D = yaml.safe_load(open(os.path.join(HERE, "rules.yaml")))
ASOF = date.fromisoformat(D["asof"])
SETS = D["sets"]
CUT = lambda days: (ASOF - timedelta(days=days)).isoformat()
LABCUT = CUT(D["lab_max_age_days"])
OPS = {"lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b}
def sset(x): return SETS[x] if isinstance(x, str) else x
def factor(name, unit):
    for u, f in D["units"][name]:
        if u == unit: return f

def atom(k, a, p):
    if k == "num":
        v = p.get(a["field"]); return None if v is None else OPS[a["op"]](v, a["value"])
    if k == "in":
        v = p.get(a["field"]); return None if v is None else v in sset(a["set"])
    if k == "cond": return p["conditions"].get(a)
    if k == "cond_known": return p["conditions"].get(a) is not None
    if k == "num_known": return p.get(a) is not None
    if k == "med":
        m = p.get("meds"); return None if m is None else any(x in sset(a["set"]) for x in m)
    if k == "prior":
        m = p.get("prior")
        return None if m is None else any(x["drug"] in sset(a["drugs"]) and x["outcome"] in sset(a["outcomes"]) for x in m)
    if k in ("lab", "lab_current"):
        l = p["labs"].get(a["name"])
        cur = l is not None and l["value"] is not None and l["date"] >= (LABCUT if k == "lab" else CUT(a["days"]))
        if k == "lab_current": return cur
        f = factor(a["name"], l["unit"]) if cur else None
        return None if f is None else OPS[a["op"]](l["value"], round(a["value"] * f, 6))
    if k in ("screen", "screen_current"):
        s = p["screens"].get(a["name"])
        cur = s is not None and s["date"] >= CUT(a["days"])
        if k == "screen_current": return cur
        return s["result"] in sset(a["set"]) if cur else None
    raise SystemExit(k)

def ev(e, p):
    (k, a), = e.items()
    if k == "not":
        v = ev(a, p); return None if v is None else not v
    if k in ("all", "any"):
        vs = [ev(x, p) for x in a]
        dom = k == "any"
        if dom in vs: return dom
        return None if None in vs else not dom
    return atom(k, a, p)

if __name__ == "__main__":
    lim = int(sys.argv[3]) if len(sys.argv) > 3 else 10**12
    with open(sys.argv[1]) as f, open(sys.argv[2], "w") as o:
        for i, line in enumerate(f):
            if i >= lim: break
            p = json.loads(line); fl, un = [], []
            for r in D["rules"]:
                v = ev(r["when"], p)
                if v is None: un.append(r["id"])
                elif v: fl.append(r["id"])
            o.write(json.dumps({"id": p["id"], "flags": fl, "unknown": un}, separators=(",", ":")) + "\n")
