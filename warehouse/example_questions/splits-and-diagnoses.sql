-- title: Do the three splits look alike?
-- The share of each diagnosis among the lesions of train, tune and validation; a fair split keeps
-- the three columns close.
select
    dim_diagnoses.diagnosis_name,
    round(
        count(distinct case when dim_lesions.split = 'train' then dim_lesions.lesion_key end) * 1.0
        / sum(count(distinct case when dim_lesions.split = 'train' then dim_lesions.lesion_key end))
            over (), 4
    ) as train_share,
    round(
        count(distinct case when dim_lesions.split = 'tune' then dim_lesions.lesion_key end) * 1.0
        / sum(count(distinct case when dim_lesions.split = 'tune' then dim_lesions.lesion_key end))
            over (), 4
    ) as tune_share,
    round(
        count(distinct case
            when dim_lesions.split = 'validation' then dim_lesions.lesion_key
        end) * 1.0
        / sum(count(distinct case
            when dim_lesions.split = 'validation' then dim_lesions.lesion_key
        end)) over (), 4
    ) as validation_share
from fct_diagnoses
inner join dim_diagnoses using (diagnosis_key)
inner join dim_lesions using (lesion_key)
group by dim_diagnoses.diagnosis_name
order by train_share desc, diagnosis_name
