-- title: Where women and men have their melanomas
-- Melanomas by body site, counted as lesions, for each sex beside the other.
select
    dim_localizations.localization_name,
    count(distinct case
        when dim_patient_groups.sex_code = 'female' then fct_diagnoses.lesion_key
    end) as women,
    count(distinct case
        when dim_patient_groups.sex_code = 'male' then fct_diagnoses.lesion_key
    end) as men,
    count(distinct fct_diagnoses.lesion_key) as lesions
from fct_diagnoses
inner join dim_diagnoses using (diagnosis_key)
inner join dim_patient_groups using (patient_group_key)
inner join dim_localizations using (localization_key)
where dim_diagnoses.diagnosis_code = 'mel'
group by dim_localizations.localization_name
order by lesions desc, localization_name
