-- title: Malignant lesions by sex and age band
-- Of the lesions of each sex and age band, the share that is malignant or its precursor. Shares are
-- of lesions in the data loaded, not of people in a population.
select
    dim_patient_groups.sex_code,
    dim_patient_groups.age_band,
    count(distinct fct_diagnoses.lesion_key) as lesions,
    count(distinct case
        when dim_diagnoses.is_malignant then fct_diagnoses.lesion_key
    end) as malignant_lesions,
    round(
        count(distinct case when dim_diagnoses.is_malignant then fct_diagnoses.lesion_key end)
        * 1.0 / count(distinct fct_diagnoses.lesion_key), 3
    ) as malignant_share
from fct_diagnoses
inner join dim_diagnoses using (diagnosis_key)
inner join dim_patient_groups using (patient_group_key)
group by dim_patient_groups.sex_code, dim_patient_groups.age_band
order by sex_code, age_band
