"""Words of tasks: what a prompt asks to be done, in the languages that have word lists.

A short prompt is an imperative and its object, and the common words of a language are those of somebody who thinks
aloud. These words tell a prompt's language and are evidence against none: a word that several languages have
stands in each.
"""

from __future__ import annotations

TASK_WORDS: dict[str, str] = {
    "en": """
        solve find calculate compute determine explain prove show work answer reason think evaluate simplify describe
        justify derive give write state list name step steps careful carefully below result value reasoning solution
        claim statement total please detail thoroughly briefly following exercise task what how many much
    """,
    "es": """
        resuelve resuelva resolver calcula calcule determina determine explica explique demuestra demuestre halla halle
        encuentra encuentre razona razone piensa piense responde responda muestra muestre escribe escriba justifica
        justifique indica indique diga contesta conteste dé haz haga simplifica simplifique evalúa evalúe desarrolla
        desarrolle describe describa detalla detalle paso pasos resultado respuesta valor solución razonamiento
        procedimiento ejercicio pregunta problema afirmación cálculo cálculos cuidado calma brevemente siguiente
        cuántos cuántas cuánto tarea cuestión prueba pruebe obtén obtenga averigua
    """,
    "fr": """
        résous résolvez résoudre calcule calculez calculer détermine déterminez déterminer explique expliquez expliquer
        démontre démontrez démontrer trouve trouvez trouver raisonne raisonnez réfléchis réfléchissez réponds répondez
        répondre montre montrez montrer écris écrivez justifie justifiez indique indiquez donne donnez donner dis dites
        fais faites simplifie simplifiez évalue évaluez développe développez décris décrivez détaille détaillez prouve
        prouvez étape étapes résultat réponse valeur solution raisonnement exercice question problème affirmation calcul
        calculs soin brièvement suivant suivante tâche énoncé combien
    """,
    "de": """
        löse lösen berechne berechnen bestimme bestimmen erkläre erklären beweise beweisen zeige zeigen finde finden denke
        denken überlege überlegen antworte antworten schreibe schreiben begründe begründen gib geben nenne vereinfache
        rechne ermittle beschreibe erläutere schritt schritte schrittweise ergebnis antwort wert lösung lösungsweg
        rechenweg rechnung aufgabe frage behauptung gleichung ausführlich sorgfältig folgende folgenden bitte aussage
        wieviel wieviele
    """,
    "it": """
        risolvi risolva risolvere risolvete calcola calcolate calcolare determina determinate determinare spiega spieghi
        spiegate spiegare dimostra dimostri dimostrate dimostrare trova trovi trovate trovare ragiona ragioni pensa pensi
        rispondi risponda rispondete rispondere mostra mostri mostrate mostrare scrivi scriva giustifica giustificare
        indica indicare dai dia fai semplifica semplificare valuta sviluppa svolgi svolgere descrivi passo passaggi
        passaggio risultato risposta valore soluzione ragionamento esercizio domanda problema affermazione calcolo calcoli
        attenzione calma brevemente seguente compito quesito procedimento
    """,
    "pt": """
        resolva resolve resolver calcule calcula calcular determine determina determinar explique explica explicar
        demonstre demonstra demonstrar encontre encontra encontrar ache acha raciocine pense pensa responda responde
        responder mostre mostra mostrar escreva escreve justifique justifica indique indica diga diz dê faça faz
        simplifique simplifica avalie avalia desenvolva desenvolve descreva descreve detalhe detalha passo passos
        resultado resposta valor solução raciocínio exercício pergunta questão problema afirmação cálculo cálculos
        cuidado calma brevemente seguinte prove tarefa obtenha ensine
    """,
    "nl": """
        los bereken bepaal verklaar leg bewijs toon laat vind zoek denk antwoord schrijf geef noem vereenvoudig stap stappen
        resultaat uitkomst waarde oplossing redenering berekening opgave vraag stelling zorgvuldig kort volgende som
        uitwerking beredeneer alsjeblieft
    """,
    "vi": """
        giải tính tìm chứng minh hãy trình bày thích xác định cho biết viết trả lời suy nghĩ rút gọn bước từng bài toán kết
        quả giá trị đáp án cách làm lập luận cẩn thận ngắn câu hỏi nêu chi tiết mệnh đề khẳng
    """,
    "tr": """
        çöz çözün çözünüz çözelim hesapla hesaplayın hesaplayınız bul bulun bulunuz açıkla açıklayın açıklayınız kanıtla
        kanıtlayın kanıtlayınız ispatla ispatlayın göster gösterin gösteriniz düşün düşünün cevapla cevaplayın yanıtla
        yanıtlayın yaz yazın yazınız belirle belirleyin adım adımları adımlarla problemi problem soruyu soru sonucu sonuç
        cevabı cevap yanıt yanıtı değerini değeri çözüm çözümü işlem işlemleri dikkatle dikkatlice kısaca aşağıdaki tüm
        lütfen
    """,
    "pl": """
        rozwiąż oblicz wyznacz wyjaśnij udowodnij pokaż znajdź pomyśl odpowiedz napisz uzasadnij podaj uprość krok kroku
        zadanie wynik odpowiedź wartość rozwiązanie rozumowanie dokładnie poniższe poniższy proszę
    """,
    "id": """
        selesaikan selesaikanlah hitung hitunglah tentukan tentukanlah jelaskan buktikan tunjukkan temukan carilah cari
        pikirkan jawab jawablah tulis tuliskan berikan sederhanakan langkah demi soal hasil hasilnya jawaban nilai
        penyelesaian alasan masalah pernyataan berikut tolong perhitungan
    """,
    "sv": """
        lös beräkna bestäm förklara bevisa visa hitta tänk svara skriv motivera förenkla steg uppgiften resultatet svaret
        värdet lösningen noggrant följande redovisa uträkning
    """,
}
