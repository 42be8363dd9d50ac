-- title: What is not recorded, by source
-- Images of each source without an age, a sex or a body site, as shares of its images.
select
    dim_sources.source_code,
    count(*) as images,
    round(count(*) filter (where fct_diagnoses.age_years is null) * 1.0 / count(*), 4)
        as age_missing_share,
    round(count(*) filter (where dim_patient_groups.sex_code = 'unknown') * 1.0 / count(*), 4)
        as sex_missing_share,
    round(
        count(*) filter (where dim_localizations.localization_code = 'unknown') * 1.0 / count(*), 4
    ) as site_missing_share
from fct_diagnoses
inner join dim_sources using (source_key)
inner join dim_patient_groups using (patient_group_key)
inner join dim_localizations using (localization_key)
group by dim_sources.source_code
order by images desc, source_code
