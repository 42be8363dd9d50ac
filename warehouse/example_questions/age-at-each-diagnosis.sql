-- title: Age at each diagnosis
-- The quartiles of age for each diagnosis, over images whose age is recorded.
select
    dim_diagnoses.diagnosis_name,
    count(*) as images,
    quantile_cont(fct_diagnoses.age_years, 0.25) as lower_quartile_years,
    quantile_cont(fct_diagnoses.age_years, 0.5) as median_years,
    quantile_cont(fct_diagnoses.age_years, 0.75) as upper_quartile_years
from fct_diagnoses
inner join dim_diagnoses using (diagnosis_key)
where fct_diagnoses.age_years is not null
group by dim_diagnoses.diagnosis_name
order by median_years desc, diagnosis_name
