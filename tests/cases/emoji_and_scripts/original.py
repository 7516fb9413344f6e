LABELS = {
    "ok": "✅ done",
    "late": "⏰ später",
    "family": "👩‍👩‍👧‍👦 family",
    "flag": "🇺🇦",
    "hebrew": "שלום עולם",
    "accent": "été",  # decomposed
}


def label(key):
    return LABELS.get(key, "❓")
