//! Profiles made of lines: for each line of a profile, several things it may say.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The day all generated profiles are judged for.
pub(crate) const DAY: &str = "2026-11-21";

/// Section, key, and what may stand there (JSON). `tests@DATE` is a panel of that day.
pub(crate) const LINES: &[(&str, &str, &[&str])] = &[
    (
        "plan",
        "severity",
        &[
            "\"moderate_to_severe\"",
            "\"active\"",
            "\"mild\"",
            "\"unknown\"",
        ],
    ),
    ("plan", "refractory", &["\"yes\"", "\"no\""]),
    ("plan", "objective_inflammation", &["\"yes\"", "\"no\""]),
    ("plan", "systemic_candidate", &["\"yes\"", "\"no\""]),
    ("plan", "tnf_blocker_inadvisable", &["\"yes\"", "\"no\""]),
    (
        "plan",
        "formulation",
        &[
            "\"tablet\"",
            "\"extended_release_tablet\"",
            "\"oral_solution\"",
        ],
    ),
    ("plan", "phase", &["\"induction\"", "\"maintenance\""]),
    ("plan", "hospitalized", &["\"yes\"", "\"no\""]),
    ("plan", "oxygen_support", &["\"oxygen\"", "\"none\""]),
    (
        "plan",
        "dose",
        &["\"15 mg daily\"", "\"1 mg daily\"", "\"10 mg twice daily\""],
    ),
    ("plan", "start", &["\"2026-12-01\""]),
    (
        "about",
        "age",
        &["17", "44", "\"64 years\"", "65", "\"80\""],
    ),
    ("about", "sex", &["\"female\"", "\"male\"", "\"other\""]),
    (
        "about",
        "weight",
        &["\"61 kg\"", "\"19.5 kg\"", "\"140 lb\""],
    ),
    ("about", "height", &["\"165 cm\""]),
    (
        "about",
        "smoking",
        &[
            "\"never\"",
            "\"former\"",
            "\"current\"",
            "{\"status\": \"former\", \"long_time\": \"yes\"}",
            "{\"status\": \"former\", \"long_time\": \"no\", \"pack_years\": 3}",
        ],
    ),
    ("about", "pregnancy", &["\"no\"", "\"unknown\""]),
    ("about", "breastfeeding", &["\"no\"", "\"declined\""]),
    ("about", "menopause", &["\"yes\"", "\"no\""]),
    ("about", "menarche", &["\"yes\""]),
    (
        "tests@2026-11-10",
        "hemoglobin",
        &[
            "\"12.9 g/dL\"",
            "\"79.9 g/L\"",
            "\"8 g/dL\"",
            "\"8.9 g/dL\"",
            "\"pending\"",
        ],
    ),
    (
        "tests@2026-11-10",
        "lymphocytes",
        &[
            "\"1.4 10*9/L\"",
            "\"450 /uL\"",
            "\"0.5 10*9/L\"",
            "\"749 /uL\"",
            "\"<0.5 10*9/L\"",
            "\"unknown\"",
        ],
    ),
    (
        "tests@2026-11-10",
        "neutrophils",
        &[
            "\"3.1 10*9/L\"",
            "\"999 /uL\"",
            "\"1 10*9/L\"",
            "\"not_done\"",
        ],
    ),
    (
        "tests@2026-11-10",
        "white_cells",
        &["\"2.0 10*9/L\"", "\"6.2 10*9/L\"", "\"unknown\""],
    ),
    (
        "tests@2026-11-10",
        "lymphocyte_percent",
        &["\"20 %\"", "\"30 %\"", "\"unknown\""],
    ),
    ("tests@2026-11-10", "platelets", &["\"210 10*9/L\""]),
    ("tests@2026-11-10", "alt", &["\"21 U/L\"", "\"declined\""]),
    ("tests@2026-11-10", "ast", &["\"0.4 ukat/L\""]),
    (
        "tests@2026-11-10",
        "creatinine",
        &["\"70 umol/L\"", "\"2.9 mg/dL\"", "\"500 umol/L\""],
    ),
    (
        "tests@2026-11-10",
        "egfr",
        &[
            "\">60 mL/min/1.73m2\"",
            "\"29.9 mL/min/1.73m2\"",
            "\"30 mL/min/1.73m2\"",
            "\"<15 mL/min/1.73m2\"",
            "\">=90 mL/min/1.73m2\"",
        ],
    ),
    (
        "tests@2026-11-10",
        "crcl",
        &["\"50 mL/min\"", "\"51 mL/min\"", "\"29 mL/min\""],
    ),
    (
        "tests@2026-11-10",
        "igra",
        &[
            "\"negative\"",
            "\"positive\"",
            "\"indeterminate\"",
            "\"pending\"",
        ],
    ),
    (
        "tests@2026-11-10",
        "tst",
        &["\"4 mm\"", "\"12 mm\"", "\"negative\""],
    ),
    (
        "tests@2026-11-10",
        "hbsag",
        &["\"negative\"", "\"positive\"", "\"pending\""],
    ),
    (
        "tests@2026-11-10",
        "anti_hbc",
        &["\"negative\"", "\"positive\""],
    ),
    (
        "tests@2026-11-10",
        "hbv_dna",
        &[
            "\"negative\"",
            "\"120 IU/mL\"",
            "\"unknown\"",
            "\"pending\"",
        ],
    ),
    (
        "tests@2026-11-10",
        "hcv_antibody",
        &["\"negative\"", "\"positive\"", "\"equivocal\""],
    ),
    (
        "tests@2026-11-10",
        "hcv_rna",
        &["\"negative\"", "\"positive\"", "\"unknown\""],
    ),
    (
        "tests@2026-11-10",
        "pregnancy_test",
        &["\"negative\"", "\"positive\"", "\"unknown\""],
    ),
    (
        "tests@2026-11-20",
        "igra",
        &["\"negative\"", "\"indeterminate\""],
    ),
    (
        "tests@2026-11-20",
        "lymphocytes",
        &["\"0.9 10*9/L\"", "\"300 /uL\"", "\"pending\""],
    ),
    (
        "tests@2026-11-20",
        "creatinine",
        &["\"300 umol/L\"", "\"unknown\""],
    ),
    (
        "tests@2025-01-05",
        "hemoglobin",
        &["\"70 g/L\"", "\"140 g/L\""],
    ),
    (
        "tests@2025-01-05",
        "neutrophils",
        &["\"0.8 10*9/L\"", "\"2.8 10*9/L\""],
    ),
    (
        "tests@2025-01-05",
        "lymphocytes",
        &["\"0.3 10*9/L\"", "\"1.2 10*9/L\""],
    ),
    ("tests@2022", "igra", &["\"positive\"", "\"negative\""]),
    ("tests@2026-12-24", "lymphocytes", &["\"0.2 10*9/L\""]),
    ("tests@2026", "egfr", &["\"45 mL/min/1.73m2\""]),
    (
        "history",
        "deep_vein_thrombosis",
        &[
            "2019",
            "\"no\"",
            "\"unknown\"",
            "[\"2019-05\", \"2026-10-30\"]",
        ],
    ),
    (
        "history",
        "venous_thromboembolism",
        &["\"yes\"", "\"unknown\""],
    ),
    (
        "history",
        "pulmonary_embolism",
        &["\"2021-03\"", "\"unknown\""],
    ),
    ("history", "thrombophilia", &["\"no\"", "\"unknown\""]),
    (
        "history",
        "antiphospholipid_syndrome",
        &["\"yes\"", "\"unknown\""],
    ),
    ("history", "arterial_thrombosis", &["\"no\"", "\"unknown\""]),
    ("history", "retinal_artery_occlusion", &["\"2020\""]),
    (
        "history",
        "myocardial_infarction",
        &["\"2024-06\"", "\"unknown\""],
    ),
    ("history", "stroke", &["\"yes\"", "\"declined\""]),
    ("history", "hypertension", &["\"yes\"", "\"unknown\""]),
    ("history", "diabetes", &["\"yes\"", "\"no\""]),
    ("history", "breast_cancer", &["\"2018\""]),
    ("history", "lymphoma", &["\"unknown\""]),
    (
        "history",
        "non_melanoma_skin_cancer",
        &[
            "\"yes\"",
            "{\"treated\": \"yes\"}",
            "{\"treated\": \"no\"}",
            "\"no\"",
        ],
    ),
    (
        "history",
        "active_serious_infection",
        &["\"no\"", "\"unknown\""],
    ),
    ("history", "sepsis", &["\"yes\"", "\"unknown\""]),
    (
        "history",
        "active_tuberculosis",
        &["\"no\"", "\"yes\"", "\"unknown\""],
    ),
    (
        "history",
        "latent_tuberculosis",
        &[
            "\"yes\"",
            "\"no\"",
            "{\"treatment\": \"none\"}",
            "{\"treatment\": \"completed\"}",
            "{\"treatment\": \"started\", \"started\": \"2026-10-01\"}",
            "{\"treatment\": \"started\", \"started\": \"2026-11-10\"}",
            "\"unknown\"",
        ],
    ),
    (
        "history",
        "past_tuberculosis",
        &["{\"treatment\": \"unconfirmed\"}", "\"2001\""],
    ),
    (
        "history",
        "tb_exposure",
        &[
            "\"2026-11-15\"",
            "\"2010\"",
            "\"yes\"",
            "\"no\"",
            "\"unknown\"",
        ],
    ),
    (
        "history",
        "tb_endemic_stay",
        &["\"2026-11\"", "\"no\"", "\"unknown\""],
    ),
    ("history", "diverticulitis", &["2019", "\"unknown\""]),
    (
        "history",
        "chronic_liver_disease",
        &[
            "\"yes\"",
            "\"no\"",
            "{\"child_pugh\": \"c\"}",
            "{\"child_pugh\": \"b\"}",
        ],
    ),
    ("history", "dialysis", &["\"yes\"", "\"unknown\""]),
    (
        "history",
        "hepatitis_b",
        &["\"yes\"", "\"no\"", "\"unknown\""],
    ),
    ("history", "hepatitis_c", &["\"yes\"", "\"unknown\""]),
    (
        "history",
        "major_surgery",
        &["\"2026-12-10\"", "\"2026-11\"", "\"yes\"", "\"2001\""],
    ),
    ("history", "hysterectomy", &["\"2015\""]),
    (
        "history",
        "everything_else",
        &["\"no\"", "\"no\"", "\"unknown\""],
    ),
    (
        "treatments",
        "methotrexate",
        &[
            "{\"outcome\": \"inadequate_response\", \"ongoing\": \"yes\"}",
            "\"intolerance\"",
            "\"unknown\"",
        ],
    ),
    (
        "treatments",
        "adalimumab",
        &[
            "\"inadequate_response\"",
            "{\"outcome\": \"intolerance\", \"stopped\": \"2026-03\"}",
            "\"unknown\"",
            "\"no\"",
        ],
    ),
    (
        "treatments",
        "tnf_blocker",
        &["{\"outcome\": \"inadequate_response\", \"stopped\": \"yes\"}"],
    ),
    (
        "treatments",
        "dupilumab",
        &["{\"outcome\": \"inadequate_response\", \"ongoing\": \"yes\"}"],
    ),
    ("treatments", "everything_else", &["\"no\"", "\"unknown\""]),
    (
        "medicines",
        "prednisolone",
        &["\"7.5 mg daily\"", "\"unknown\""],
    ),
    ("medicines", "clarithromycin", &["\"yes\"", "\"unknown\""]),
    ("medicines", "fluconazole", &["\"50 mg daily\"", "\"no\""]),
    ("medicines", "rifampin", &["\"yes\"", "\"unknown\""]),
    ("medicines", "probenecid", &["\"yes\"", "\"unknown\""]),
    (
        "medicines",
        "cyclosporine",
        &["{\"route\": \"eye\"}", "\"yes\""],
    ),
    ("medicines", "estradiol", &["\"yes\"", "\"unknown\""]),
    ("medicines", "nsaid", &["\"no\"", "\"unknown\""]),
    ("medicines", "metformin", &["\"1 g daily\""]),
    (
        "medicines",
        "turmeric",
        &["\"yes\"", "{\"classes\": \"none\"}"],
    ),
    (
        "medicines",
        "everything_else",
        &["\"no\"", "\"no\"", "\"unknown\""],
    ),
    (
        "vaccines",
        "zoster_recombinant",
        &["[\"2025-03-01\", \"2025-05-10\"]", "\"no\""],
    ),
    (
        "vaccines",
        "yellow_fever_vaccine",
        &["\"2026-11-05\"", "\"2026-12\"", "\"yes\"", "\"unknown\""],
    ),
    ("vaccines", "everything_else", &["\"no\"", "\"unknown\""]),
    ("plan", "phototherapy_candidate", &["\"yes\"", "\"no\""]),
    (
        "plan",
        "systemic_therapy_inadvisable",
        &["\"yes\"", "\"no\""],
    ),
    (
        "plan",
        "topical_therapy_inadvisable",
        &["\"yes\"", "\"no\""],
    ),
    (
        "plan",
        "topical_corticosteroid_inadvisable",
        &["\"yes\"", "\"no\""],
    ),
    ("plan", "nonsegmental_vitiligo", &["\"yes\"", "\"no\""]),
    ("plan", "facial_involvement", &["\"yes\"", "\"no\""]),
    (
        "plan",
        "body_surface",
        &["\"10 %\"", "\"12 %\"", "\"25 %\""],
    ),
    (
        "about",
        "japanese_or_korean_descent",
        &["\"yes\"", "\"no\""],
    ),
    ("about", "pregnancy_planned", &["\"yes\"", "\"no\""]),
    (
        "tests@2026-11-10",
        "anti_hbs",
        &["\"positive\"", "\"negative\""],
    ),
    (
        "tests@2026-11-10",
        "hiv_test",
        &["\"negative\"", "\"positive\""],
    ),
    (
        "tests@2026-11-10",
        "vzv_igg",
        &["\"positive\"", "\"negative\"", "\"pending\""],
    ),
    (
        "tests@2026-11-10",
        "chest_imaging",
        &["\"normal\"", "\"signs_of_tuberculosis\"", "\"unknown\""],
    ),
    (
        "tests@2026-11-10",
        "cyp2c9_phenotype",
        &["\"normal\"", "\"poor\"", "\"indeterminate\"", "\"unknown\""],
    ),
    (
        "tests@2026-11-10",
        "cyp2c19_phenotype",
        &["\"normal\"", "\"poor\"", "\"pending\"", "\"unknown\""],
    ),
    (
        "history",
        "active_infection",
        &[
            "\"yes\"",
            "\"no\"",
            "{\"clinically_important\": \"yes\"}",
            "{\"clinically_important\": \"no\"}",
            "\"unknown\"",
        ],
    ),
    (
        "history",
        "suspected_cyp2c19_poor_metabolizer",
        &["\"yes\"", "\"no\"", "\"unknown\""],
    ),
    (
        "history",
        "heart_failure",
        &["\"yes\"", "{\"nyha\": \"iii\"}", "\"unknown\""],
    ),
    (
        "history",
        "atrial_fibrillation",
        &["\"yes\"", "\"unknown\""],
    ),
    (
        "history",
        "coronary_artery_disease",
        &["\"2020\"", "\"no\"", "\"unknown\""],
    ),
    (
        "history",
        "chronic_lung_disease",
        &["\"yes\"", "\"unknown\""],
    ),
    (
        "history",
        "interstitial_lung_disease",
        &["\"yes\"", "\"no\""],
    ),
    (
        "history",
        "herpes_zoster",
        &["\"2022\"", "\"no\"", "\"unknown\""],
    ),
    ("history", "kidney_transplant", &["\"2012\"", "\"unknown\""]),
    ("history", "immunodeficiency", &["\"yes\"", "\"unknown\""]),
    (
        "history",
        "infection_predisposition",
        &["\"yes\"", "\"no\""],
    ),
    (
        "history",
        "chronic_or_recurrent_infection",
        &["\"yes\"", "\"unknown\""],
    ),
    (
        "history",
        "past_serious_infection",
        &["\"2026-04\"", "\"2010\"", "\"unknown\""],
    ),
    (
        "history",
        "past_opportunistic_infection",
        &["\"2019\"", "\"no\""],
    ),
    (
        "history",
        "endemic_mycosis_stay",
        &["\"2018\"", "\"unknown\""],
    ),
    ("history", "peptic_ulcer", &["\"2020\"", "\"unknown\""]),
    (
        "history",
        "gastrointestinal_perforation",
        &["\"2020\"", "\"no\""],
    ),
    (
        "history",
        "hypersensitivity_to_this_medicine",
        &["\"yes\"", "\"no\""],
    ),
    (
        "history",
        "neurological_symptoms",
        &["\"yes\"", "\"unknown\""],
    ),
    ("history", "lactose_intolerance", &["\"yes\"", "\"no\""]),
    (
        "history",
        "hiv_infection",
        &["\"yes\"", "\"no\"", "\"unknown\""],
    ),
    (
        "history",
        "varicella",
        &["\"1985\"", "\"no\"", "\"unknown\""],
    ),
    (
        "history",
        "nontuberculous_mycobacterial_lung_disease",
        &["\"yes\"", "\"no\""],
    ),
    ("history", "immobilization", &["\"yes\"", "\"unknown\""]),
    ("history", "acute_kidney_injury", &["\"yes\"", "\"no\""]),
    ("medicines", "clopidogrel", &["\"yes\"", "\"unknown\""]),
    (
        "medicines",
        "aspirin",
        &["\"81 mg daily\"", "\"100 mg daily\"", "\"yes\""],
    ),
    ("medicines", "amiodarone", &["\"yes\"", "\"unknown\""]),
    ("medicines", "omeprazole", &["\"20 mg daily\"", "\"no\""]),
    ("medicines", "entecavir", &["\"yes\"", "\"unknown\""]),
    (
        "medicines",
        "ruxolitinib_cream",
        &["\"yes\"", "{\"route\": \"topical\"}"],
    ),
    ("vaccines", "influenza_vaccine", &["\"2026-10\"", "\"no\""]),
    (
        "vaccines",
        "covid_19_vaccine",
        &["\"2026-10-01\"", "\"unknown\""],
    ),
    ("vaccines", "zoster_live", &["\"2016\"", "\"unknown\""]),
];

/// Drug, indication and label of a plan.
pub(crate) const PLANS: &[(&str, &str, &str)] = &[
    ("upadacitinib", "rheumatoid_arthritis", "us"),
    ("upadacitinib", "atopic_dermatitis", "us"),
    ("upadacitinib", "ulcerative_colitis", "eu"),
    ("upadacitinib", "juvenile_idiopathic_arthritis", "us"),
    ("upadacitinib", "nr_axial_spondyloarthritis", "eu"),
    ("tofacitinib", "rheumatoid_arthritis", "us"),
    ("tofacitinib", "ulcerative_colitis", "us"),
    ("tofacitinib", "psoriatic_arthritis", "eu"),
    ("tofacitinib", "ulcerative_colitis", "eu"),
    ("baricitinib", "rheumatoid_arthritis", "us"),
    ("baricitinib", "covid_19", "us"),
    ("baricitinib", "atopic_dermatitis", "us"),
    ("baricitinib", "alopecia_areata", "eu"),
    ("baricitinib", "atopic_dermatitis", "eu"),
    ("abrocitinib", "atopic_dermatitis", "us"),
    ("abrocitinib", "atopic_dermatitis", "eu"),
    ("ritlecitinib", "alopecia_areata", "us"),
    ("ritlecitinib", "alopecia_areata", "eu"),
    ("deuruxolitinib", "alopecia_areata", "us"),
    ("ruxolitinib_cream", "atopic_dermatitis", "us"),
    ("ruxolitinib_cream", "vitiligo", "eu"),
    ("deucravacitinib", "plaque_psoriasis", "us"),
    ("deucravacitinib", "psoriatic_arthritis", "eu"),
    ("delgocitinib", "hand_eczema", "us"),
    ("delgocitinib", "hand_eczema", "eu"),
    ("filgotinib", "rheumatoid_arthritis", "eu"),
    ("filgotinib", "ulcerative_colitis", "eu"),
];

/// A profile as JSON.
pub(crate) fn assemble(plan: usize, lines: &[(usize, usize)]) -> Value {
    let (drug, indication, label) = PLANS[plan % PLANS.len()];
    let mut profile = json!({
        "patient": "GEN-1", "as_of": DAY,
        "plan": { "drug": drug, "indication": indication, "label": label },
    });
    for (line, variant) in lines {
        let (section, key, variants) = LINES[line % LINES.len()];
        let value: Value =
            serde_json::from_str(variants[variant % variants.len()]).expect("a line");
        put(&mut profile, section, key, value);
    }
    profile
}

/// Puts a value into a section; the first one stands.
pub(crate) fn put(profile: &mut Value, section: &str, key: &str, value: Value) {
    let root = profile.as_object_mut().expect("a profile");
    if let Some(date) = section.strip_prefix("tests@") {
        let panels = root
            .entry("tests")
            .or_insert_with(|| json!([]))
            .as_array_mut()
            .expect("panels");
        let at = panels
            .iter()
            .position(|p| p["date"] == date)
            .unwrap_or_else(|| {
                panels.push(json!({ "date": date }));
                panels.len() - 1
            });
        panels[at]
            .as_object_mut()
            .expect("a panel")
            .entry(key.to_owned())
            .or_insert(value);
    } else {
        let map = root
            .entry(section.to_owned())
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(map) = map.as_object_mut() {
            map.entry(key.to_owned()).or_insert(value);
        }
    }
}

/// A profile that says some of the lines.
pub(crate) fn profile() -> impl Strategy<Value = Value> {
    let lines = prop::collection::vec((0..LINES.len(), 0..8_usize), 0..90);
    (0..PLANS.len(), lines).prop_map(|(plan, lines)| assemble(plan, &lines))
}
