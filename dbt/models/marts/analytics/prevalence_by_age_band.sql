{{ prevalence_by('age_band', 'dim_patient_groups', 'patient_group_key') }}
