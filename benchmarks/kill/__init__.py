"""Kill whoever has energised a served bench, in every way, and see from outside what stays on."""
