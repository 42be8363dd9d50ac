-- title: How each diagnosis was confirmed
-- Images of each diagnosis by the way it was confirmed. Follow-up confirms nevi alone, so that a
-- model that knew of it would know the diagnosis.
select
    dim_diagnoses.diagnosis_name,
    count(*) filter (where dim_confirmation_methods.confirmation_code = 'histo') as histology,
    count(*) filter (where dim_confirmation_methods.confirmation_code = 'follow_up') as follow_up,
    count(*) filter (where dim_confirmation_methods.confirmation_code = 'consensus') as consensus,
    count(*) filter (where dim_confirmation_methods.confirmation_code = 'confocal') as confocal,
    round(
        count(*) filter (where dim_confirmation_methods.confirmation_code = 'histo')
        * 1.0 / count(*), 3
    ) as histology_share
from fct_diagnoses
inner join dim_diagnoses using (diagnosis_key)
inner join dim_confirmation_methods using (confirmation_key)
group by dim_diagnoses.diagnosis_name
order by histology_share, diagnosis_name
