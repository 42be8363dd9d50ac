with

facts as (
    select * from {{ ref('fct_diagnoses') }}
),

images as (
    select * from {{ ref('dim_images') }}
),

lesions as (
    select * from {{ ref('dim_lesions') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

localizations as (
    select * from {{ ref('dim_localizations') }}
),

patient_groups as (
    select * from {{ ref('dim_patient_groups') }}
),

sources as (
    select * from {{ ref('dim_sources') }}
),

confirmations as (
    select * from {{ ref('dim_confirmation_methods') }}
),

named as (
    select
        facts.image_id,
        lesions.lesion_id,
        lesions.lesion_group_id,
        diagnoses.diagnosis_code,
        diagnoses.diagnosis_name,
        diagnoses.is_malignant,
        localizations.localization_code,
        localizations.localization_name,
        patient_groups.sex_code,
        patient_groups.age_band,
        facts.age_years,
        sources.source_code,
        sources.source_name,
        confirmations.confirmation_code,
        confirmations.confirmation_name,
        images.split,
        facts.has_file
    from facts
    inner join images on facts.image_id = images.image_id
    inner join lesions on facts.lesion_key = lesions.lesion_key
    inner join diagnoses on facts.diagnosis_key = diagnoses.diagnosis_key
    inner join localizations on facts.localization_key = localizations.localization_key
    inner join patient_groups on facts.patient_group_key = patient_groups.patient_group_key
    inner join sources on facts.source_key = sources.source_key
    inner join confirmations on facts.confirmation_key = confirmations.confirmation_key
)

select * from named
