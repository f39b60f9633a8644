// Refusals of a number in a configuration, which name its key and say what it must be.
#pragma once

#include <pybind11/pybind11.h>

#include <cmath>
#include <string>

namespace handloop::bindings {

inline void require(bool met, const std::string& field, const char* wanted) {
  if (!met) throw pybind11::value_error(field + " must be " + wanted);
}

inline void require(bool met, const std::string& field, const char* wanted, double value) {
  if (met && std::isfinite(value)) return;
  throw pybind11::value_error(field + " must be " + wanted + ", not " +
                              pybind11::str(pybind11::float_(value)).cast<std::string>());
}

inline void not_negative(const std::string& field, double value) {
  require(value >= 0.0, field, ">= 0 and finite", value);
}

inline void positive(const std::string& field, double value) {
  require(value > 0.0, field, "> 0 and finite", value);
}

inline void fraction(const std::string& field, double value) {
  require(value >= 0.0 && value <= 1.0, field, "in [0, 1]", value);
}

}  // namespace handloop::bindings
