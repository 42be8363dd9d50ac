select
    reviewed_diagnosis_code,
    predicted_diagnosis_code,
    prediction_count,
    prediction_count
        / sum(prediction_count) over (partition by reviewed_diagnosis_code) as prediction_share
from review_agreement
where {filters}
order by reviewed_diagnosis_code, predicted_diagnosis_code
