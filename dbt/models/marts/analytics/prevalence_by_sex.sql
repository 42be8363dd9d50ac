{{ prevalence_by('sex_code', 'dim_patient_groups', 'patient_group_key') }}
