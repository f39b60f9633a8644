// Getters for Python that refuse while a loop or another thread works with the object.
#pragma once

#include <functional>

#include "handloop/claim.hpp"

namespace handloop::bindings {

template <typename Object, typename Read>
auto claimed(Read read) {
  return [read](const Object& object) {
    const Claim claim(object, Claim::By::kCaller);
    return std::invoke(read, object);
  };
}

}  // namespace handloop::bindings
