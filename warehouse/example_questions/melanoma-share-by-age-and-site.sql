-- title: Melanoma share by age band and body site
-- Of the lesions of each age band and site, how many are melanomas; groups of fewer than ten
-- lesions are left out. A lesion photographed at two ages counts once in each.
select
    dim_patient_groups.age_band,
    dim_localizations.localization_name,
    count(distinct fct_diagnoses.lesion_key) as lesions,
    count(distinct case
        when dim_diagnoses.diagnosis_code = 'mel' then fct_diagnoses.lesion_key
    end) as melanomas,
    round(
        count(distinct case
            when dim_diagnoses.diagnosis_code = 'mel' then fct_diagnoses.lesion_key
        end) * 1.0 / count(distinct fct_diagnoses.lesion_key), 3
    ) as melanoma_share
from fct_diagnoses
inner join dim_diagnoses using (diagnosis_key)
inner join dim_patient_groups using (patient_group_key)
inner join dim_localizations using (localization_key)
group by dim_patient_groups.age_band, dim_localizations.localization_name
having count(distinct fct_diagnoses.lesion_key) >= 10
order by melanoma_share desc, lesions desc, age_band, localization_name
